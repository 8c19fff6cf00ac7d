/** Each revision once, answered with what became of it on the screen; and what a long call leaves in memory. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Cards, REMEMBERED_CARDS } from "../src/client/cards.js";
import { CoachSession } from "../src/client/coach_session.js";
import type { Nudge } from "../src/contract.js";
import { nudge } from "./fixtures.js";
import { ScriptedRoom } from "./scripted_room.js";

let room: ScriptedRoom;
let client: CoachSession;
let nudges: Nudge[];
let faults: unknown[];

function onFault(event: ErrorEvent): void {
  faults.push(event.error);
  event.preventDefault();
  event.stopImmediatePropagation();
}

beforeEach(() => {
  [nudges, faults] = [[], []];
  addEventListener("error", onFault, { capture: true });
  room = new ScriptedRoom();
  client = new CoachSession(room);
  client.on("nudge", (event) => nudges.push(event));
  client.start();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
  removeEventListener("error", onFault, { capture: true });
});

test("each revision is handed out once, and its repetition answered as before", async () => {
  for (const rev of [0, 1]) expect(await room.coachSays.nudge({ rev })).toBe("shown");
  expect(await room.coachSays.nudge({ rev: 1, headline: "The same once more" })).toBe("shown");
  expect(await room.coachSays.nudge({ rev: 0, headline: "Long since revised" })).toBe("shown");
  expect(await room.coachSays.nudge({ id: "1-2" })).toBe("shown");
  expect(nudges.map(({ id, rev }) => [id, rev])).toEqual([
    ["1-1", 0],
    ["1-1", 1],
    ["1-2", 0],
  ]);
});

test("the answer tells how long the way to the screen was, and a duplicate gets the same one", async () => {
  const painted: string[] = [];
  client.painter = async ({ id }) => {
    painted.push(id);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return true;
  };
  const [first, duplicate] = await Promise.all([room.coachSays.nudge(), room.coachSays.nudge()]);
  const { status, painted_ms } = JSON.parse(first) as { status: string; painted_ms: number };
  expect(status).toBe("shown");
  expect(painted_ms).toBeGreaterThanOrEqual(19);
  expect(painted_ms).toBeLessThan(1_000);
  expect(duplicate).toBe(first);
  expect(await room.coachSays.nudge()).toBe(first);
  expect(painted).toEqual(["1-1"]);
});

test("a paint that nobody sees, that fails or that takes over a second is not called shown", async () => {
  client.painter = async () => false;
  expect(await room.coachSays.nudge({ id: "1-1" })).toBe("hidden");
  client.painter = async () => {
    throw new Error("the embedder's fault");
  };
  expect(await room.coachSays.nudge({ id: "1-2" })).toBe("hidden");
  client.painter = () => {
    throw new Error("the embedder's other fault");
  };
  expect(await room.coachSays.nudge({ id: "1-3" })).toBe("hidden");
  expect(faults.map(String)).toEqual(["Error: the embedder's fault", "Error: the embedder's other fault"]);
  vi.useFakeTimers();
  client.painter = () => new Promise(() => {});
  const late = room.coachSays.nudge({ id: "1-4" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await late).toBe("hidden");
});

test("a hidden page says so at once, and is sent the card again when it is seen", async () => {
  await vi.waitFor(() => expect(client.state).not.toBeNull());
  const painted: string[] = [];
  client.painter = async ({ id }) => {
    painted.push(id);
    return true;
  };
  client.visible = false;
  expect(await room.coachSays.nudge()).toBe("hidden");
  expect(painted).toEqual([]);
  const hellos = room.calls.filter(({ method }) => method === "coach_hello").length;
  client.visible = true;
  await room.heard("coach_hello", hellos + 1);
  expect(JSON.parse(await room.coachSays.nudge())).toMatchObject({ status: "shown" });
  expect(painted).toEqual(["1-1"]);
  expect(nudges).toHaveLength(1);
});

test("a panel that comes late, or anew, is given what is still to be seen", async () => {
  await vi.waitFor(() => expect(client.state).not.toBeNull());
  for (const name of ["first", "second"]) {
    const painted: string[] = [];
    client.painter = async ({ id }) => {
      painted.push(id);
      return true;
    };
    await room.heard("coach_hello", name === "first" ? 2 : 3);
    await room.coachSays.nudge();
    await room.coachSays.nudge();
    expect(painted, name).toEqual(["1-1"]);
  }
  expect(nudges).toHaveLength(1);
});

test("a card nobody was told of is not called shown", async () => {
  const unheard: Nudge[] = [];
  const cards = new Cards((each) => unheard.push(each) * 0);
  expect(await cards.takeUp(nudge(), "cornerman-1", 0)).toBe("hidden");
  expect(await cards.takeUp(nudge(), "cornerman-1", 0)).toBe("hidden");
  expect(unheard).toHaveLength(2);
});

test("a listener that throws stops nobody else", async () => {
  const others: Nudge[] = [];
  const stop = client.on("nudge", () => {
    throw new Error("the listener's fault");
  });
  client.on("nudge", (event) => others.push(event));
  expect(await room.coachSays.nudge()).toBe("shown");
  stop();
  stop();
  expect(await room.coachSays.nudge({ id: "1-2" })).toBe("shown");
  expect([others.length, faults.map(String)]).toEqual([2, ["Error: the listener's fault"]]);
});

test("a long call leaves no more than so many cards behind", async () => {
  const handed: string[] = [];
  const cards = new Cards(({ id }) => handed.push(id));
  for (let number = 0; number < REMEMBERED_CARDS + 10; number += 1)
    await cards.takeUp(nudge({ id: `1-${number}` }), "cornerman-1", 0);
  handed.length = 0;
  // What is remembered is not handed out again; the ten that are forgotten are.
  for (const number of [10, REMEMBERED_CARDS + 9, 9])
    await cards.takeUp(nudge({ id: `1-${number}` }), "cornerman-1", 0);
  expect(handed).toEqual(["1-9"]);
});
