/**
 * Says hello to every coach that appears, again after reconnects, and tries a few times while the coach is not ready.
 *
 * Coach identities go in, one `coach_hello` call per identity comes out. Promises: never two greetings of one coach at
 * a time, no greeting of a coach that left, no timer left after `close`.
 */
import { CoachError, CoachUnavailable } from "./errors.js";

/** Milliseconds before each attempt. A coach that joins registers its methods within moments; a busy machine takes longer. */
export const GREETING_WAITS: readonly number[] = [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 8_000];

/** One greeting under way; its timer while it waits. */
interface Greeting {
  timer?: ReturnType<typeof setTimeout>;
}

export class Greeter {
  /** Why the last hello failed; null when it was answered. */
  lastError: CoachError | null = null;
  readonly #greeting = new Map<string, Greeting>();
  readonly #greeted = new Set<string>();

  constructor(private readonly sayHello: (coach: string) => Promise<unknown>) {}

  /** Starts greeting a coach, unless it was greeted or is being greeted. `again` starts over in either case. */
  greet(coach: string, again = false): void {
    if (again) this.forget(coach);
    if (this.#greeted.has(coach) || this.#greeting.has(coach)) return;
    const greeting: Greeting = {};
    this.#greeting.set(coach, greeting);
    void this.#untilAnswered(coach, greeting);
  }

  /** The coach left, or is to be greeted anew. */
  forget(coach: string): void {
    clearTimeout(this.#greeting.get(coach)?.timer);
    this.#greeting.delete(coach);
    this.#greeted.delete(coach);
  }

  /** Ends every greeting. */
  close(): void {
    for (const coach of [...this.#greeting.keys()]) this.forget(coach);
  }

  async #untilAnswered(coach: string, greeting: Greeting): Promise<void> {
    const current = () => this.#greeting.get(coach) === greeting;
    for (const wait of GREETING_WAITS) {
      await new Promise<void>((resolve) => {
        // Several reasons to greet at one moment make one hello.
        if (wait === 0) queueMicrotask(resolve);
        else greeting.timer = setTimeout(resolve, wait);
      });
      if (!current()) return;
      try {
        await this.sayHello(coach);
        if (!current()) return;
        this.lastError = null;
        this.#greeted.add(coach);
        break;
      } catch (error) {
        if (!current()) return;
        this.lastError = error instanceof CoachError ? error : null;
        // A refusal or an answer of another contract will not change by asking again.
        if (!(error instanceof CoachUnavailable)) break;
      }
    }
    this.#greeting.delete(coach);
  }
}
