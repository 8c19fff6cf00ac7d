/**
 * Sees every screen share this page begins: stands in front of `getDisplayMedia` and follows the tracks it yields.
 *
 * Before the browser is asked, `choosing` is reported and the page gets one frame to hide the panel; the call itself,
 * its arguments and its outcome are the application's, unchanged. A share is over when all its tracks are: by the
 * browser's bar (an event), or by `stop()` of the application (no event: seen at the call, or within a second). A share
 * that an earlier watch of this page followed is taken over; others that were begun before can be handed in. What
 * cannot be seen: a page that kept the browser's own function from before, and shares of frames within this page.
 */
import type { ShareReports } from "./discretion.js";
import { intercept } from "./interception.js";
import { type Capture, surfaceOf } from "./judgement.js";
import { type DisplayTrack, marksTabs, markTab, type TabMark } from "./tab_mark.js";

/** How long a capture waits for the panel to be painted away, in milliseconds: a page that is not painted must not hang. */
export const PAINT_MS = 100;
/** How often a running share is looked at again, in milliseconds; not every change has an event. */
const LOOK_MS = 1000;
/** The page's running shares, for the watch that comes after this one: a panel that is put up anew must know of them. */
const RUNNING = Symbol.for("cornerman.running_shares");
const TELLING = ["ended", "capturehandlechange", "configurationchange"] as const;

export interface CaptureOptions {
  /** Shares that run already. */
  readonly tracks?: readonly MediaStreamTrack[];
  /** The page's own capture handle, when the application sets one; without, this tab is given a random one. */
  readonly captureHandle?: string;
}

interface Running {
  readonly tracks: Map<DisplayTrack, () => void>;
  reported: Capture | null;
}

export class CaptureWatch {
  readonly #reports: ShareReports;
  readonly #hidden: (id: number) => Promise<unknown>;
  readonly #devices: MediaDevices | undefined;
  readonly #mark: TabMark | undefined;
  readonly #release: () => void;
  readonly #shares = new Map<number, Running>();
  #looking: ReturnType<typeof setInterval> | undefined;
  #last = 0;
  #stopped = false;

  /** `hidden` resolves once the panel was painted away for this share; it is waited for only so long. */
  constructor(reports: ShareReports, hidden: (id: number) => Promise<unknown>, options: CaptureOptions = {}) {
    this.#reports = reports;
    this.#hidden = hidden;
    // Absent in a page that is not served securely: it cannot share a screen either.
    this.#devices = navigator.mediaDevices as MediaDevices | undefined;
    this.#mark = this.#devices && markTab(this.#devices, options.captureHandle);
    this.#release = this.#devices
      ? intercept<"getDisplayMedia", MediaDevices["getDisplayMedia"]>(
          this.#devices,
          "getDisplayMedia",
          (through, [asked]) => this.#capture(through, asked),
        )
      : () => undefined;
    for (const track of [...runningShares(), ...(options.tracks ?? [])]) this.watch(track);
  }

  /** Follows a share that was begun out of sight; one that is followed already is the same share. */
  watch(track: MediaStreamTrack): void {
    if (track.readyState !== "live" || [...this.#shares.values()].some(({ tracks }) => tracks.has(track)))
      return;
    this.#last += 1;
    this.#follow(this.#last, [track]);
  }

  stop(): void {
    this.#stopped = true;
    this.#release();
    this.#mark?.release();
    for (const share of this.#shares.values()) for (const leave of share.tracks.values()) leave();
    this.#shares.clear();
    clearInterval(this.#looking);
  }

  #capture(through: () => Promise<MediaStream>, asked?: DisplayMediaStreamOptions): Promise<MediaStream> {
    this.#last += 1;
    const id = this.#last;
    this.#reports.choosing(id);
    const painted = this.#hidden(id);
    const follow = (stream: MediaStream): void => this.#follow(id, stream.getVideoTracks());
    const over = (): void => this.#end(id);
    if (!mayWait(this.#devices, asked)) {
      const stream = through();
      stream.then(follow, over);
      return stream;
    }
    return within(PAINT_MS, painted)
      .then(through)
      .then(
        (stream) => {
          follow(stream);
          return stream;
        },
        (refusal: unknown) => {
          over();
          throw refusal;
        },
      );
  }

  #follow(id: number, tracks: readonly DisplayTrack[]): void {
    if (this.#stopped) return;
    const share: Running = { tracks: new Map(), reported: null };
    this.#shares.set(id, share);
    for (const track of tracks) this.#join(id, share, track);
    this.#looking ??= setInterval(() => this.#lookAtAll(), LOOK_MS);
    this.#look(id);
  }

  #join(id: number, share: Running, track: DisplayTrack): void {
    const look = (): void => this.#look(id);
    runningShares().add(track);
    for (const event of TELLING) track.addEventListener(event, look);
    const givesUp = intercept<"stop", () => void>(track, "stop", (through) => {
      through();
      look();
    });
    // A clone shows the same, and goes on when its original is stopped.
    const clones = intercept<"clone", () => MediaStreamTrack>(track, "clone", (through) => {
      const clone = through();
      if (this.#shares.get(id) === share) this.#join(id, share, clone);
      return clone;
    });
    share.tracks.set(track, () => {
      for (const event of TELLING) track.removeEventListener(event, look);
      givesUp();
      clones();
    });
  }

  #lookAtAll(): void {
    for (const id of this.#shares.keys()) this.#look(id);
  }

  #look(id: number): void {
    const share = this.#shares.get(id);
    if (!share) return;
    for (const [track, leave] of share.tracks) {
      if (track.readyState === "live") continue;
      leave();
      share.tracks.delete(track);
      runningShares().delete(track);
    }
    const [track] = share.tracks.keys();
    if (track) this.#report(id, share, track);
    else this.#end(id);
  }

  #report(id: number, share: Running, track: DisplayTrack): void {
    const surface = surfaceOf(track.getSettings().displaySurface);
    const capture: Capture = { surface, mark: this.#mark?.of(track) ?? "none" };
    if (share.reported?.surface === capture.surface && share.reported.mark === capture.mark) return;
    share.reported = capture;
    this.#reports.captured(id, capture);
  }

  #end(id: number): void {
    this.#shares.delete(id);
    if (this.#shares.size === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
    if (!this.#stopped) this.#reports.ended(id);
  }
}

/**
 * Whether the native call may come one frame later. Not where the browser is strict about the click it follows: there
 * its own picker leaves the page time enough. Not with a `CaptureController` either: the application has to say whom
 * to focus in the very microtask that follows the browser's promise, so it gets that promise itself.
 */
function mayWait(devices: MediaDevices | undefined, asked?: DisplayMediaStreamOptions): boolean {
  return marksTabs(devices) && !(asked && "controller" in asked);
}

function runningShares(): Set<DisplayTrack> {
  const page = globalThis as { [RUNNING]?: Set<DisplayTrack> };
  page[RUNNING] ??= new Set();
  return page[RUNNING];
}

function within(milliseconds: number, done: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const proceed = (): void => {
      clearTimeout(timer);
      resolve();
    };
    done.then(proceed, proceed);
  });
}
