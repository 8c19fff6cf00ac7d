/** One person in the call: a picture of initials, a ring that follows the voice, a name. */
import { type Participant, Track } from "livekit-client";
import type { VoiceLevels } from "./voice_level.js";

/** What the demo's people are, besides their name. */
const FROM: Readonly<Record<string, string>> = { rep: "Clearwater", prospect: "Harbor Foods" };
const GUEST = "guest";

export class Tile {
  readonly element = document.createElement("li");
  readonly #levels: VoiceLevels;
  readonly #note = document.createElement("span");
  readonly #from: string;
  #heard: MediaStreamTrack | undefined;
  #stopWatching = () => {};

  constructor(participant: Participant, levels: VoiceLevels) {
    this.#levels = levels;
    this.#from = FROM[participant.identity] ?? "";
    const name = participant.name || participant.identity;
    this.element.className = "tile";
    this.element.dataset.identity = participant.identity;
    const face = this.#made("span", "face", name.slice(0, 1).toUpperCase());
    face.setAttribute("aria-hidden", "true");
    this.#note.className = "note";
    const label = this.#made("span", "name", name);
    if (participant.isLocal) label.append(this.#made("span", "you", "you"));
    this.element.append(face, label, this.#note);
    this.show(participant);
  }

  /** Microphone and mute as they are now. */
  show(participant: Participant): void {
    const microphone = participant.getTrackPublication(Track.Source.Microphone);
    const on = microphone?.track && !microphone.isMuted ? microphone.track.mediaStreamTrack : undefined;
    this.element.classList.toggle("muted", !on);
    this.#note.textContent = on
      ? this.#from
      : microphone
        ? "muted"
        : participant.identity === GUEST
          ? "looks on"
          : "no microphone";
    if (this.#heard === on) return;
    this.#stopWatching();
    this.#heard = on;
    this.#stopWatching = on
      ? this.#levels.watch(on, (level) => this.element.style.setProperty("--level", level.toFixed(2)))
      : () => {};
  }

  remove(): void {
    this.#stopWatching();
    this.element.remove();
  }

  #made(tag: string, name: string, text: string): HTMLElement {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  }
}
