/**
 * Every error the client raises on purpose; all are `CoachError`s.
 *
 *     CoachError            what was asked for cannot be said: a question that is too long, for example
 *     ├── CoachUnavailable  no coach yet, no answer in time, or the connection is gone; asking again later may work
 *     ├── CoachRefused      the coach answered, and the answer was no; asking the same again will not help
 *     ├── AnswerUnreadable  the coach answered something that is not in the contract
 *     └── ClientClosed      the client was closed, or its room was left for good
 *
 * Catch `CoachError` to tell the rep and carry on; none of them ends the call itself.
 */
export class CoachError extends Error {
  override readonly name: string = "CoachError";
}

/** No coach could be reached. `code` is the call's, 0 where no call was made. */
export class CoachUnavailable extends CoachError {
  override readonly name = "CoachUnavailable";
  constructor(
    message: string,
    readonly code = 0,
  ) {
    super(message);
  }
}

/** The coach said no; `code` and `text` are its own. */
export class CoachRefused extends CoachError {
  override readonly name = "CoachRefused";
  constructor(
    readonly code: number,
    readonly text: string,
  ) {
    super(`the coach refused (${code}): ${text}`);
  }
}

/** The coach's answer is not in the contract; its version and this client's may differ too much. */
export class AnswerUnreadable extends CoachError {
  override readonly name = "AnswerUnreadable";
}

/** The client is closed. `reason` is the room's (for example `duplicate_identity`), or `closed`. */
export class ClientClosed extends CoachError {
  override readonly name = "ClientClosed";
  constructor(readonly reason: string) {
    super(`the client is closed (${reason}); make a new one on a new connection`);
  }
}
