/** How loud somebody is right now, for the ring round their picture. */

const LOOK_EVERY = 80;
const FLOOR = 0.008;
const LOUD = 0.18;

interface Watched {
  readonly analyser: AnalyserNode;
  readonly source: MediaStreamAudioSourceNode;
  readonly samples: Float32Array<ArrayBuffer>;
  readonly paint: (level: number) => void;
  last: number;
}

/** Looks at all voices of a call, one timer for all; a level is 0 (silent) to 1 (loud) and is painted when it changes. */
export class VoiceLevels {
  readonly #context: AudioContext;
  readonly #watched = new Set<Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(context: AudioContext) {
    this.#context = context;
  }

  /** Returns what stops it. */
  watch(track: MediaStreamTrack, paint: (level: number) => void): () => void {
    const analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    const one: Watched = { analyser, source, samples: new Float32Array(analyser.fftSize), paint, last: 0 };
    this.#watched.add(one);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY);
    return () => {
      source.disconnect();
      this.#watched.delete(one);
      paint(0);
      if (this.#watched.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
  }

  #look(): void {
    for (const one of this.#watched) {
      one.analyser.getFloatTimeDomainData(one.samples);
      const level = loudness(one.samples);
      if (Math.abs(level - one.last) < 0.04 && level > 0) continue;
      if (level === one.last) continue;
      one.last = level;
      one.paint(level);
    }
  }
}

function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const power = Math.sqrt(sum / samples.length);
  return power < FLOOR ? 0 : Math.min(1, Math.sqrt(power / LOUD));
}
