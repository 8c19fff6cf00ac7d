/**
 * Watches over the coach's signs of life: one that was heard and has been silent for 45 s is lost, whatever the room
 * still lists.
 *
 * What counts is the time of the last sign, not a timer that ran out: browsers delay the timers of pages nobody looks
 * at. A check that comes late means that the page itself slept, and what the coach said meanwhile may be waiting to be
 * read: then one heartbeat more is waited for.
 */

/** Three heartbeats of the coach, which come every 15 seconds at least; milliseconds. */
export const LOST_AFTER_MS = 45_000;
/** A heartbeat and something for its way. */
export const GRACE_MS = 20_000;
const LATE_MS = 2_000;

export class Presence {
  #lost = false;
  #lastHeard: number | null = null;
  #graced = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `now` in milliseconds, never going back. `changed` is called after the coach was lost, and when it is heard again. */
  constructor(
    private readonly changed: (lost: boolean) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get lost(): boolean {
    return this.#lost;
  }

  /** The coach gave a sign of life. */
  heard(): void {
    this.#lastHeard = this.now();
    this.#graced = false;
    if (this.#timer === undefined) this.#check(LOST_AFTER_MS);
    if (!this.#lost) return;
    this.#lost = false;
    this.changed(false);
  }

  /** Ends the watch. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #check(wait: number): void {
    const due = this.now() + wait;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = this.now();
      const left = LOST_AFTER_MS - (now - (this.#lastHeard ?? now));
      if (left > 0) {
        this.#check(left);
      } else if (now - due > LATE_MS && !this.#graced) {
        this.#graced = true;
        this.#check(GRACE_MS);
      } else {
        this.#lost = true;
        this.changed(true);
      }
    }, wait);
  }
}
