/**
 * Marks this browser tab with a capture handle, so that a share of it is known from a share of another tab.
 *
 * The handle is random, says nothing, and only pages of this origin may read it. It belongs to the page, not to one
 * guard: every guard of the page, of whichever copy of this package, takes the same. Chromium has capture handles, and
 * only a top-level page may set one; elsewhere tabs stay unmarked and are taken for our own. So are all tabs but this one
 * in a private window: there Chromium tells a page its own handle alone.
 */
import { intercept } from "./interception.js";
import { type Mark, surfaceOf } from "./judgement.js";

interface HandleConfig {
  readonly handle?: string;
  readonly exposeOrigin?: boolean;
  readonly permittedOrigins?: readonly string[];
}

interface MarkableDevices {
  setCaptureHandleConfig?: (config?: HandleConfig) => void;
}

/** A video track of a display capture; `getCaptureHandle` where the browser has it, null for a tab without one. */
export interface DisplayTrack extends MediaStreamTrack {
  getCaptureHandle?: () => { readonly handle?: string; readonly origin?: string } | null;
}

export interface TabMark {
  /** Whose tab this track shows, as far as its handle tells. */
  of(track: DisplayTrack): Mark;
  release(): void;
}

const SHARED = Symbol.for("cornerman.capture_handle");

/** Whether this browser knows capture handles at all: Chromium does. */
export function marksTabs(devices: MediaDevices | undefined): boolean {
  return typeof (devices as MarkableDevices | undefined)?.setCaptureHandleConfig === "function";
}

/**
 * `handle` is the application's own when it sets one itself: then it is left in place. One that the application sets
 * later is noticed, and counts as ours too.
 */
export function markTab(devices: MediaDevices, handle?: string): TabMark {
  const markable: MarkableDevices = devices as MediaDevices & MarkableDevices;
  const page = globalThis as { [SHARED]?: string };
  const ours = new Set<string>();
  if (handle !== undefined) ours.add(handle);
  else if (markable.setCaptureHandleConfig) {
    const random = page[SHARED] ?? crypto.randomUUID();
    try {
      markable.setCaptureHandleConfig({
        handle: random,
        exposeOrigin: false,
        permittedOrigins: [location.origin],
      });
      page[SHARED] = random;
      ours.add(random);
    } catch {
      // A page in a frame may not: whose tab it is then stays unknown.
    }
  }
  const release = intercept(markable, "setCaptureHandleConfig", (through, [config]) => {
    through();
    if (ours.size > 0 && config?.handle) ours.add(config.handle);
  });
  return { of: (track) => whose(track, ours), release };
}

function whose(track: DisplayTrack, ours: ReadonlySet<string>): Mark {
  if (ours.size === 0 || surfaceOf(track.getSettings().displaySurface) !== "browser") return "none";
  const found = track.getCaptureHandle?.();
  if (!found) return "none";
  if (found.handle && ours.has(found.handle)) return "own";
  // A page of our origin that set another handle could have been loaded here before it did: not to be told apart.
  if (found.origin === location.origin || !(found.handle || found.origin)) return "none";
  return "other";
}
