/** A recorded voice that serves as a microphone, and can be heard here too. */

export class RecordedVoice {
  /** To publish; silent until `begin`. */
  readonly track: MediaStreamTrack;
  readonly #context: AudioContext;
  readonly #buffer: AudioBuffer;
  readonly #microphone: MediaStreamAudioDestinationNode;
  #begun = false;

  private constructor(context: AudioContext, buffer: AudioBuffer) {
    const microphone = new MediaStreamAudioDestinationNode(context);
    const [track] = microphone.stream.getAudioTracks();
    if (!track) throw new Error("this browser gives no audio track");
    this.track = track;
    this.#context = context;
    this.#buffer = buffer;
    this.#microphone = microphone;
  }

  static async load(address: string, context: AudioContext): Promise<RecordedVoice> {
    const response = await fetch(address);
    if (!response.ok) throw new Error("the recorded voice could not be fetched");
    return new RecordedVoice(context, await context.decodeAudioData(await response.arrayBuffer()));
  }

  /** Seconds. */
  get duration(): number {
    return this.#buffer.duration;
  }

  /** Speaks from `position` (seconds) on; only the first call counts. */
  begin(position: number): void {
    if (this.#begun || position >= this.duration) return;
    this.#begun = true;
    const source = new AudioBufferSourceNode(this.#context, { buffer: this.#buffer });
    source.connect(this.#microphone);
    source.connect(this.#context.destination);
    source.start(0, Math.max(position, 0));
  }
}
