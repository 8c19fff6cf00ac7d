/** What the rep says to the coach: as the contract has it, under a deadline, with errors that say what to do. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CoachSession } from "../src/client/coach_session.js";
import type { State } from "../src/contract.js";
import * as contract from "../src/contract.js";
import { AnswerUnreadable, CallFailed, CoachError, CoachRefused, CoachUnavailable } from "../src/index.js";
import { COACH, state } from "./fixtures.js";
import { ScriptedRoom } from "./scripted_room.js";

let room: ScriptedRoom;
let client: CoachSession;

function attach(to: ScriptedRoom): void {
  room = to;
  client = new CoachSession(room);
  client.start();
}

async function acquainted(): Promise<void> {
  await vi.waitFor(() => expect(client.state).not.toBeNull());
}

beforeEach(() => {
  attach(new ScriptedRoom());
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

test("what the rep says reaches the coach as the contract has it", async () => {
  await acquainted();
  room.calls.length = 0;
  expect(await client.consent(["ann"], { granted: true, how: "read out", text: "It listens." })).toEqual(
    room.state,
  );
  expect((await client.control("quiet")).attention).toBe("quiet");
  expect(client.state?.attention).toBe("quiet");
  await client.feedback("1-1", "pinned");
  expect((await client.source("card:price")).text).toBe("First listen.\nThen ask.");
  expect(await client.ask("What now?")).toBe("1-q1");
  expect(await client.notes()).toMatchObject({ page: 1, pages: 1 });
  expect(room.calls.map(({ method, request }) => [method, request])).toEqual([
    [contract.CONSENT, { v: 1, identities: ["ann"], granted: true, how: "read out", text: "It listens." }],
    [contract.CONTROL, { v: 1, attention: "quiet" }],
    [contract.FEEDBACK, { v: 1, id: "1-1", feedback: "pinned" }],
    [contract.SOURCE, { v: 1, id: "card:price" }],
    [contract.ASK, { v: 1, question: "What now?" }],
    [contract.NOTES, { v: 1, page: 1 }],
  ]);
});

test("an answer that outlives its coach changes nothing", async () => {
  await acquainted();
  let answer: (state: State) => void = () => {};
  room.coachAnswers(
    contract.CONTROL,
    () =>
      new Promise((resolve) => {
        answer = resolve as (state: State) => void;
      }),
  );
  const asked = client.control("quiet");
  await room.heard(contract.CONTROL);
  room.leave(COACH);
  answer(state({ attention: "quiet" }));
  expect((await asked).attention).toBe("quiet");
  expect(client.state?.attention).toBe("live");
  expect(client.standing.coach).toBeNull();
});

test("without a coach nothing can be said", async () => {
  attach(new ScriptedRoom({ coach: null }));
  await expect(client.hello()).rejects.toThrow("no coach");
  await expect(client.ask("What now?")).rejects.toThrow(CoachUnavailable);
});

test("what the contract does not allow is not sent", async () => {
  await acquainted();
  room.calls.length = 0;
  for (const call of [
    client.ask(""),
    client.ask("x".repeat(2_001)),
    client.consent([], { granted: true }),
    client.notes(0),
  ])
    await expect(call).rejects.toThrow(CoachError);
  const many = Array.from({ length: 200 }, (_, number) => `${number}${"x".repeat(100)}`);
  await expect(client.consent(many, { granted: true })).rejects.toThrow("14336 bytes");
  expect(room.calls).toEqual([]);
});

test("a refusal is told with its code and nothing a screen could obey", async () => {
  room.coachAnswers(contract.SOURCE, () => {
    throw new CallFailed(contract.NOT_FOUND_CODE, "no such source \x1b[2J");
  });
  const refusal = await client.source("card:none").catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CoachRefused);
  expect(refusal).toMatchObject({ code: 4404, text: "no such source \ufffd[2J" });
});

test.each([1400, 1501, 1502, 1503, 1505, 1500, contract.NOT_READY_CODE])(
  "a call that failed on its way may be made again: %i",
  async (code) => {
    room.coachAnswers(contract.ASK, () => {
      throw new CallFailed(code, "x");
    });
    await expect(client.ask("What now?")).rejects.toMatchObject({ name: "CoachUnavailable", code });
  },
);

test.each(["ok", "{}", '{"v":1,"id":"\u202e"}'])(
  "an answer that is not in the contract is not believed: %j",
  async (answer) => {
    room.coachAnswers(contract.ASK, () => answer);
    await expect(client.ask("What now?")).rejects.toThrow(AnswerUnreadable);
  },
);

test("a call the room never settles ends at its deadline", async () => {
  await acquainted();
  vi.useFakeTimers();
  room.coachAnswers(contract.ASK, () => new Promise(() => {}));
  const asked = client.ask("What now?").catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(8_000);
  expect(await asked).toMatchObject({ name: "CoachUnavailable", code: 1502 });
  expect(vi.getTimerCount()).toBe(0);
});
