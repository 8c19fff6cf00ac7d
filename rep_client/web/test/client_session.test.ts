/** The client on a room whose coach the test plays: whom it listens to, what it hands out, and how it ends. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import manifest from "../package.json?raw";
import type { Standing } from "../src/client/coach.js";
import { CoachSession } from "../src/client/coach_session.js";
import { OWN_VERSION } from "../src/client/options.js";
import type { Nudge, State } from "../src/contract.js";
import * as contract from "../src/contract.js";
import { CallFailed, ClientClosed, CoachUnavailable, Refusal } from "../src/index.js";
import { COACH, nudge, state } from "./fixtures.js";
import { ScriptedRoom } from "./scripted_room.js";

let room: ScriptedRoom;
let client: CoachSession;
let nudges: Nudge[];
let states: (State | null)[];
let standings: Standing[];

function attach(to: ScriptedRoom): CoachSession {
  room = to;
  client = new CoachSession(room);
  [nudges, states, standings] = [[], [], []];
  client.on("nudge", (event) => nudges.push(event));
  client.on("state", (event) => states.push(event));
  client.on("standing", (event) => standings.push(event));
  client.start();
  return client;
}

async function acquainted(): Promise<void> {
  await vi.waitFor(() => expect(client.state).not.toBeNull());
}

function seen(): [string, number, string][] {
  return nudges.map(({ id, rev, status }) => [id, rev, status]);
}

beforeEach(() => {
  attach(new ScriptedRoom());
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

describe("hello", () => {
  test("is said to the coach that is there, with who is asking", async () => {
    const { request } = await room.heard("coach_hello");
    expect(request).toEqual({ v: 1, client: "cornerman-client-web", version: OWN_VERSION, shows: [] });
    expect(OWN_VERSION).toBe((JSON.parse(manifest) as { version: string }).version);
    await acquainted();
    expect(client.state).toEqual(room.state);
    expect(client.standing).toEqual({ coach: COACH, lost: false, reconnecting: false, closed: null });
  });

  test("is said once, however the coach becomes known", async () => {
    attach(new ScriptedRoom({ coach: null }));
    await room.coachSays.nudge();
    room.join(COACH);
    await acquainted();
    await room.coachSays.state();
    expect(room.calls.filter(({ method }) => method === contract.HELLO)).toHaveLength(1);
  });

  test("is said again after a reconnect", async () => {
    await acquainted();
    room.becomes("reconnecting");
    expect(client.standing.reconnecting).toBe(true);
    await expect(client.control("quiet")).rejects.toThrow(CoachUnavailable);
    room.becomes("connected");
    await room.heard(contract.HELLO, 2);
    expect(client.standing.reconnecting).toBe(false);
  });

  test("waits for a room that is not connected yet, and for a first attempt that failed", async () => {
    attach(new ScriptedRoom({ status: "disconnected", coach: null }));
    room.becomes("connecting");
    room.becomes("disconnected", "unknown_reason");
    expect(client.standing.closed).toBeNull();
    room.join(COACH);
    room.becomes("connected");
    await acquainted();
  });

  test("is repeated until the coach is ready, at growing intervals", async () => {
    vi.useFakeTimers();
    attach(new ScriptedRoom({ coach: null }));
    room.coachAnswers(contract.HELLO, () => {
      throw new CallFailed(1400, "no such method");
    });
    room.join(COACH);
    const before: number[] = [];
    for (let at = 0; at < 30_000; at += 250) {
      await vi.advanceTimersByTimeAsync(at ? 250 : 0);
      while (before.length < room.calls.length) before.push(at);
    }
    expect(before).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 15_750, 23_750]);
    expect(client.greetingError).toMatchObject({ code: 1400 });
    room.coachAnswers(contract.HELLO, () => state());
    await client.hello();
    expect(client.state).toEqual(state());
  });

  test("is not repeated to a coach that refused, or left", async () => {
    vi.useFakeTimers();
    const failures = [4403, 1400];
    for (const code of failures) {
      attach(new ScriptedRoom({ coach: null }));
      room.coachAnswers(contract.HELLO, () => {
        throw new CallFailed(code, "no");
      });
      room.join(COACH);
      await vi.advanceTimersByTimeAsync(0);
      if (code === 1400) room.leave(COACH);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(room.calls).toHaveLength(1);
      client.close();
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("trust", () => {
  test("a prospect gets one fixed answer whatever it sends", async () => {
    attach(new ScriptedRoom({ coach: null }));
    room.join("prospect", { agent: false });
    const calls = contract.REP_METHODS.flatMap((method) =>
      [JSON.stringify(nudge()), JSON.stringify(state()), "not JSON", "x".repeat(99_999)].map((payload) =>
        room.says(method, payload, "prospect"),
      ),
    );
    for (const call of calls)
      await expect(call).rejects.toEqual(new Refusal(contract.STRANGER_CODE, contract.STRANGER_TEXT));
    expect([nudges, states, room.calls]).toEqual([[], [], []]);
    expect(client.standing.coach).toBeNull();
  });

  test("an impostor with the prefix is undone once the room lists it as no agent", async () => {
    attach(new ScriptedRoom({ coach: null }));
    const fake = "cornerman-fake";
    expect(await room.coachSays.nudge({ id: "9-1" }, fake)).toBe("shown");
    expect(await room.coachSays.state({ segment: 9 }, fake)).toBe("ok");
    room.join(fake, { agent: false });
    expect(seen()).toEqual([
      ["9-1", 0, "live"],
      ["9-1", 1, "withdrawn"],
    ]);
    expect(nudges[1]).toMatchObject({ headline: "Withdrawn", detail: "", action: null });
    expect(client.state).toBeNull();
    expect(states.at(-1)).toBeNull();
    expect(client.standing.coach).toBeNull();
    await expect(room.coachSays.nudge({ id: "9-2" }, fake)).rejects.toMatchObject({ code: 4403 });
    room.join(COACH);
    expect(await room.coachSays.nudge()).toBe("shown");
  });

  test("an impostor found out while its card is painted is refused", async () => {
    attach(new ScriptedRoom({ coach: null }));
    const painted: (() => void)[] = [];
    client.painter = () => new Promise((resolve) => painted.push(() => resolve(true)));
    const call = room.coachSays.nudge({}, "cornerman-fake");
    await vi.waitFor(() => expect(painted).toHaveLength(1));
    room.join("cornerman-fake", { agent: false });
    for (const done of painted) done();
    await expect(call).rejects.toMatchObject({ code: 4403 });
  });

  test.each(["", "SECRET not JSON", JSON.stringify({ ...nudge(), headline: "SECRET\u202e" })])(
    "what cannot be shown is refused without an echo: %j",
    async (payload) => {
      const refusal = new Refusal(contract.BAD_REQUEST_CODE, "unreadable request");
      await expect(room.says(contract.NUDGE, payload)).rejects.toEqual(refusal);
      await expect(room.says(contract.STATE, payload)).rejects.toEqual(refusal);
      expect(await room.coachSays.nudge()).toBe("shown");
    },
  );
});

describe("several coaches", () => {
  test("only the one of the higher segment is obeyed", async () => {
    expect(await room.coachSays.nudge({ id: "1-1" })).toBe("shown");
    room.join("cornerman-2");
    expect(await room.coachSays.state({ segment: 2 }, "cornerman-2")).toBe("ok");
    expect(client.standing.coach).toBe("cornerman-2");
    expect(await room.coachSays.nudge({ id: "1-2" })).toBe("dropped");
    expect(await room.coachSays.state({ segment: 1 })).toBe("dropped");
    expect(client.state?.segment).toBe(2);
    // A card of the old segment is still the successor's to take back; it says so in its own.
    room.leave(COACH);
    await room.coachSays.nudge(
      { id: "1-1", rev: 1, status: "withdrawn", headline: "Withdrawn" },
      "cornerman-2",
    );
    expect(seen()).toEqual([
      ["1-1", 0, "live"],
      ["1-1", 1, "withdrawn"],
    ]);
    await client.feedback("1-1", "dismissed");
    expect(room.calls.at(-1)).toEqual({
      to: "cornerman-2",
      method: contract.FEEDBACK,
      request: { v: 1, id: "1-1", feedback: "dismissed" },
    });
  });

  test("a successor without its predecessor's journal is heard though it mints the same ids", async () => {
    await room.coachSays.nudge({ id: "3-1" });
    room.leave(COACH);
    expect(client.standing.coach).toBeNull();
    room.join("cornerman-2");
    expect(await room.coachSays.nudge({ id: "3-1", headline: "Another card" }, "cornerman-2")).toBe("shown");
    expect(nudges.map(({ headline }) => headline).at(-1)).toBe("Another card");
  });
});

describe("the end", () => {
  test("a second tab closes the client for good, and it gives everything back", async () => {
    await acquainted();
    room.becomes("disconnected", "duplicate_identity");
    expect(client.standing).toMatchObject({ closed: "duplicate_identity" });
    expect(standings.at(-1)).toEqual(client.standing);
    expect(room.borrowed).toBe(0);
    await expect(client.feedback("1-1", "useful")).rejects.toEqual(new ClientClosed("duplicate_identity"));
    expect(() => client.start()).toThrow(ClientClosed);
    room.becomes("connected");
    client.close();
    expect(client.standing.closed).toBe("duplicate_identity");
    expect(room.calls.filter(({ method }) => method === contract.HELLO)).toHaveLength(1);
    attach(room);
    expect(await room.coachSays.nudge()).toBe("shown");
  });

  test("closing leaves no timer, no handler and no caller without an answer", async () => {
    vi.useFakeTimers();
    attach(new ScriptedRoom());
    room.coachAnswers(contract.HELLO, () => {
      throw new CallFailed(1400, "no such method");
    });
    client.painter = () => new Promise(() => {});
    const asked = room.coachSays.nudge();
    await vi.advanceTimersByTimeAsync(10);
    expect(vi.getTimerCount()).toBe(3);
    client.close();
    client.close();
    expect(await asked).toBe("dropped");
    expect([vi.getTimerCount(), room.borrowed, client.standing.closed]).toEqual([0, 0, "closed"]);
    await expect(room.coachSays.nudge()).rejects.toMatchObject({ code: 1400 });
  });

  test("two clients on one room are refused before anything is shared", () => {
    expect(() => new CoachSession(room).start()).toThrow("already");
    client.start();
    client.close();
    expect(room.borrowed).toBe(0);
    const another = new CoachSession(room);
    another.start();
    another.close();
  });
});
