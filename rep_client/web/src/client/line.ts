/**
 * The rep's calls to the coach: one call out, one checked answer back, always under a deadline.
 *
 * Turns the calls' error codes into this package's errors: codes LiveKit reserves (1001 to 1999) mean the coach could
 * not be reached or could not answer, all others are the coach's own refusal.
 */
import { MAX_PAYLOAD_BYTES, type Models, NOT_READY_CODE } from "../contract.js";
import { AnswerUnreadable, CoachError, CoachRefused, CoachUnavailable } from "./errors.js";
import { fits, read, showable, written } from "./reading.js";
import { CallFailed, type CoachRoom } from "./room.js";

/** For the coach to answer, once it was reached; milliseconds. */
export const ANSWER_MS = 5_000;
/** For the whole call, whatever the room does with it; milliseconds. */
export const DEADLINE_MS = 8_000;

const NO_ANSWER = 1502;
const REASONS: Readonly<Record<number, string>> = {
  1400: "the coach is not ready yet; ask again in a moment",
  [NOT_READY_CODE]: "the coach does not know this participant yet; ask again in a moment",
  1501: "the coach could not be reached; it may have left",
  [NO_ANSWER]: "the coach did not answer in time; ask again",
  1503: "the coach left before it answered",
  1505: "the connection to the room is gone",
};

export class CoachLine {
  constructor(private readonly room: CoachRoom) {}

  /** Calls one method of one coach and returns its raw answer. */
  async ask<Name extends keyof Models>(
    coach: string,
    method: string,
    kind: Name,
    message: Models[Name],
  ): Promise<string> {
    const payload = payloadOf(method, kind, message);
    if (this.room.status !== "connected") throw new CoachUnavailable("the room is not connected");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CallFailed(NO_ANSWER, "")), DEADLINE_MS);
    });
    try {
      return await Promise.race([this.room.call(coach, method, payload, ANSWER_MS), late]);
    } catch (error) {
      throw told(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Like `ask`, with the answer checked. */
  async askFor<Answer extends keyof Models, Name extends keyof Models>(
    answer: Answer,
    coach: string,
    method: string,
    kind: Name,
    message: Models[Name],
  ): Promise<Models[Answer]> {
    const text = await this.ask(coach, method, kind, message);
    try {
      return read(answer, text);
    } catch {
      throw new AnswerUnreadable(`${method}: the coach's answer is not in the contract`);
    }
  }
}

function payloadOf<Name extends keyof Models>(method: string, kind: Name, message: Models[Name]): string {
  let payload: string;
  try {
    payload = written(kind, message);
  } catch (error) {
    throw new CoachError(`${method}: ${(error as Error).message}`);
  }
  if (!fits(payload))
    throw new CoachError(`${method}: the message is over ${MAX_PAYLOAD_BYTES} bytes; send less at a time`);
  return payload;
}

function told(error: unknown): CoachError {
  const { code, message } = error instanceof CallFailed ? error : new CallFailed(1500, "");
  if ((code > 1000 && code < 2000) || code === NOT_READY_CODE)
    return new CoachUnavailable(REASONS[code] ?? `the call failed: ${showable(message)}`, code);
  return new CoachRefused(code, showable(message));
}
