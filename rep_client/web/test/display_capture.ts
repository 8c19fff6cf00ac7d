/**
 * Stands in for the browser's own picker: `getDisplayMedia` yields the track of a canvas that says to be the surface the
 * test wants. Everything behind that edge is the browser's.
 */
export interface Picked {
  readonly surface?: string;
  readonly handle?: { readonly handle?: string; readonly origin?: string } | null;
}

export interface Picker {
  /** Arguments and `this` of every call the browser got, in order. */
  readonly calls: { readonly self: unknown; readonly given: readonly unknown[] }[];
  /** What the rep picks when the next call comes; an error for a closed picker. */
  pick: Picked | Error;
  /** What was configured with `setCaptureHandleConfig`, newest last. */
  readonly handles: (string | undefined)[];
  /** What happens in the moment the browser is called. */
  called: () => void;
  /** Ends every capture, and gives the browser its own functions back. */
  release(): void;
}

export interface CaptureTrack extends MediaStreamTrack {
  picked: Picked;
  getCaptureHandle(): Picked["handle"];
}

const captures = new Set<MediaStreamTrack>();

/** A live video track that says what was picked; change `picked` to switch the surface. */
export function captureTrack(picked: Picked): CaptureTrack {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d");
  const [track] = canvas.captureStream(1).getVideoTracks();
  if (!track) throw new Error("a canvas yields no track");
  return asCapture(track, picked);
}

function asCapture(track: MediaStreamTrack, picked: Picked): CaptureTrack {
  captures.add(track);
  const settings = track.getSettings.bind(track);
  const clone = track.clone.bind(track);
  return Object.assign(track, {
    picked,
    getSettings(this: CaptureTrack) {
      const { surface } = this.picked;
      return surface === undefined ? settings() : { ...settings(), displaySurface: surface };
    },
    getCaptureHandle(this: CaptureTrack) {
      return this.picked.handle ?? null;
    },
    clone(this: CaptureTrack) {
      return asCapture(clone(), this.picked);
    },
  });
}

export function standInForPicker(): Picker {
  const prototype = MediaDevices.prototype as MediaDevices & {
    setCaptureHandleConfig(config: unknown): void;
  };
  const before = { get: prototype.getDisplayMedia, mark: prototype.setCaptureHandleConfig };
  const picker: Picker = {
    calls: [],
    pick: { surface: "monitor" },
    handles: [],
    called: () => undefined,
    release() {
      for (const track of captures) track.stop();
      captures.clear();
      prototype.getDisplayMedia = before.get;
      prototype.setCaptureHandleConfig = before.mark;
    },
  };
  prototype.getDisplayMedia = async function (this: unknown, ...given: unknown[]) {
    picker.calls.push({ self: this, given });
    picker.called();
    if (picker.pick instanceof Error) throw picker.pick;
    return new MediaStream([captureTrack(picker.pick)]);
  };
  prototype.setCaptureHandleConfig = (config: unknown) => {
    picker.handles.push((config as { handle?: string }).handle);
  };
  return picker;
}

/** The capture of a stream that came through the stand-in; `MediaStream` hands out the very track it was given. */
export function trackOf(stream: MediaStream): CaptureTrack {
  return stream.getVideoTracks()[0] as CaptureTrack;
}
