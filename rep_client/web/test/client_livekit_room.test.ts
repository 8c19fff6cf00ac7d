/** A real livekit-client `Room` as the client sees it; it is never connected here, the calls with a server are elsewhere. */
import { DisconnectReason, Room, RoomEvent } from "livekit-client";
import { expect, expectTypeOf, test } from "vitest";
import type { Coach } from "../src/client/coach.js";
import { LivekitRoom } from "../src/client/livekit_room.js";
import type { RoomEvents } from "../src/client/room.js";
import { CallFailed, CoachClient, CoachError } from "../src/index.js";

test("a Room of livekit-client is what a CoachClient takes, and a CoachClient is what a panel takes", () => {
  expectTypeOf<ConstructorParameters<typeof CoachClient>[0]>().toEqualTypeOf<Room>();
  expectTypeOf<CoachClient>().toExtend<Coach>();
  const client = new CoachClient(new Room(), {
    identityPrefix: "coach-",
    client: "ours",
    version: "2",
    shows: ["action"],
  });
  client.start();
  expect(client.standing).toEqual({ coach: null, lost: false, reconnecting: false, closed: null });
  client.close();
  expect(client.standing.closed).toBe("closed");
});

test("one room takes one client at a time, and gives its methods back", () => {
  const room = new Room();
  const first = new CoachClient(room);
  first.start();
  expect(() => new CoachClient(room).start()).toThrow(CoachError);
  first.close();
  const second = new CoachClient(room);
  second.start();
  second.close();
  const listeners = (each: Room) =>
    each.eventNames().map((name) => [name, each.listenerCount(name as RoomEvent)]);
  expect(listeners(room)).toEqual(listeners(new Room()));
});

test("the reason a room was left for is told by name", () => {
  const room = new Room();
  const told: RoomEvents["status"][] = [];
  const stop = new LivekitRoom(room).on("status", (event) => told.push(event));
  room.emit(RoomEvent.Disconnected, DisconnectReason.DUPLICATE_IDENTITY);
  room.emit(RoomEvent.Disconnected, undefined);
  room.emit(RoomEvent.Disconnected, 9_999 as DisconnectReason);
  stop();
  room.emit(RoomEvent.Disconnected, DisconnectReason.SERVER_SHUTDOWN);
  expect(told.map(({ status, reason }) => [status, reason])).toEqual([
    ["disconnected", "duplicate_identity"],
    ["disconnected", "unknown_reason"],
    ["disconnected", "unknown_reason"],
  ]);
});

test("a room that is not connected lists nobody and fails calls as a call fails", async () => {
  const room = new LivekitRoom(new Room());
  expect([room.status, room.identities(), room.listedAsAgent("cornerman-1")]).toEqual([
    "disconnected",
    [],
    null,
  ]);
  await expect(room.call("cornerman-1", "coach_hello", "{}", 100)).rejects.toThrow(CallFailed);
});
