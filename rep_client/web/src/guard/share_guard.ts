/**
 * Keeps the panel off the rep's own screen share, in a page that carries the panel itself.
 *
 * From the moment a share is asked for until it is known to show another tab, or is over, or the rep clears it, the
 * panel is a dot and the coach is asked to be quiet; afterwards the attention setting from before returns, also over a
 * reload. Several guards on one page do not disturb each other. A page in a frame has its parent report instead:
 * see `FramedGuard`.
 */
import type { AttentionLine } from "./attention.js";
import { type CaptureOptions, CaptureWatch } from "./capture_watch.js";
import { Discretion } from "./discretion.js";
import { painted } from "./painting.js";
import type { ShareGuard } from "./sharing.js";

export interface GuardOptions extends CaptureOptions {
  /** Tells calls of one browser tab apart, for the setting that is owed after a reload: the room's name does. */
  readonly key?: string;
}

export interface PageGuard extends ShareGuard {
  /** Takes in a share that was begun before the guard was made, or by other means than `getDisplayMedia`. */
  watch(track: MediaStreamTrack): void;
}

/** Guards from now on. `Coach` of `client/coach.ts` is a line to the coach. */
export function createGuard(coach: AttentionLine, options: GuardOptions = {}): PageGuard {
  const discretion = new Discretion(coach, options.key);
  const captures = new CaptureWatch(discretion, painted, options);
  return {
    get sharing() {
      return discretion.sharing;
    },
    on: (listener) => discretion.on(listener),
    clear: () => discretion.clear(),
    watch: (track) => captures.watch(track),
    stop: () => {
      captures.stop();
      discretion.stop();
    },
  };
}
