/** When a coach counts as lost: after three silent heartbeats, and never because the page's own timers were late. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CoachSession } from "../src/client/coach_session.js";
import { Presence } from "../src/client/presence.js";
import { COACH } from "./fixtures.js";
import { ScriptedRoom } from "./scripted_room.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a coach that was heard is lost after 45 silent seconds, and back with its next word", async () => {
  const room = new ScriptedRoom();
  const client = new CoachSession(room);
  client.start();
  await vi.advanceTimersByTimeAsync(40_000);
  await room.coachSays.state();
  await vi.advanceTimersByTimeAsync(44_900);
  expect(client.standing.lost).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(client.standing).toMatchObject({ coach: COACH, lost: true });
  await room.coachSays.state();
  expect(client.standing).toMatchObject({ coach: COACH, lost: false });
  client.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("nobody is lost who was never heard", async () => {
  const room = new ScriptedRoom({ coach: null });
  const client = new CoachSession(room);
  client.start();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(client.standing.lost).toBe(false);
  client.close();
});

test("a coach that was lost before the room listed it does not keep out a successor of a lower segment", async () => {
  const room = new ScriptedRoom({ coach: null });
  const client = new CoachSession(room);
  client.start();
  await room.coachSays.state({ segment: 5 }, "cornerman-old");
  await vi.advanceTimersByTimeAsync(46_000);
  expect(client.standing).toMatchObject({ coach: null, lost: true });
  room.join("cornerman-new");
  expect(await room.coachSays.state({ segment: 1 }, "cornerman-new")).toBe("ok");
  expect(client.standing).toMatchObject({ coach: "cornerman-new", lost: false });
  client.close();
});

/** A page whose clock goes on while its timers do not run. */
function sleepingPage(): { presence: Presence; told: boolean[]; sleep: (ms: number) => void } {
  let slept = 0;
  const told: boolean[] = [];
  const presence = new Presence(
    (lost) => told.push(lost),
    () => performance.now() + slept,
  );
  return {
    presence,
    told,
    sleep: (ms) => {
      slept += ms;
    },
  };
}

test("a page that slept waits one more heartbeat before it calls the coach lost", async () => {
  const { presence, told, sleep } = sleepingPage();
  presence.heard();
  sleep(300_000);
  await vi.advanceTimersByTimeAsync(45_000);
  expect(told).toEqual([]);
  presence.heard();
  await vi.advanceTimersByTimeAsync(44_000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual([true]);
  presence.close();
});

test("a page that slept still finds out that the coach is gone", async () => {
  const { presence, told, sleep } = sleepingPage();
  presence.heard();
  sleep(300_000);
  await vi.advanceTimersByTimeAsync(45_000 + 20_000);
  expect(told).toEqual([true]);
  presence.close();
});
