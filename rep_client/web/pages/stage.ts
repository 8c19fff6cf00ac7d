/** Everybody in the room as tiles, the shared screen above them, voices out of the loudspeaker. */
import { type Participant, type RemoteTrack, type Room, RoomEvent, Track } from "livekit-client";
import { required } from "./page.js";
import { Tile } from "./tile.js";
import { VoiceLevels } from "./voice_level.js";

const SHOWN_AGAIN = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.Connected,
  RoomEvent.Reconnected,
] as const;

export class Stage {
  readonly #room: Room;
  readonly #levels: VoiceLevels;
  readonly #tiles = new Map<string, Tile>();
  readonly #list = required("#tiles", HTMLUListElement);
  readonly #screen = required("#screen", HTMLElement);
  readonly #assistant = required("#assistant", HTMLElement);

  constructor(room: Room, context: AudioContext) {
    this.#room = room;
    this.#levels = new VoiceLevels(context);
    for (const event of SHOWN_AGAIN) room.on(event, () => this.#show());
    room.on(RoomEvent.TrackSubscribed, (track) => this.#play(track));
    room.on(RoomEvent.TrackUnsubscribed, (track) => {
      for (const element of track.detach()) element.remove();
    });
  }

  #play(track: RemoteTrack): void {
    if (track.kind === Track.Kind.Audio) document.body.append(track.attach());
  }

  #show(): void {
    const people = [this.#room.localParticipant, ...this.#room.remoteParticipants.values()];
    const humans = people.filter((one) => !one.isAgent && one.identity);
    const assistant = people.find((one) => one.isAgent);
    this.#assistant.hidden = !assistant;
    if (assistant)
      required("#assistant-name", HTMLElement).textContent = assistant.name || assistant.identity;
    for (const one of humans) this.#tile(one).show(one);
    for (const [sid, tile] of this.#tiles) {
      if (humans.some((one) => one.sid === sid)) continue;
      tile.remove();
      this.#tiles.delete(sid);
    }
    this.#showScreen(humans);
  }

  #tile(participant: Participant): Tile {
    const known = this.#tiles.get(participant.sid);
    if (known) return known;
    const tile = new Tile(participant, this.#levels);
    this.#tiles.set(participant.sid, tile);
    this.#list.append(tile.element);
    return tile;
  }

  #showScreen(people: readonly Participant[]): void {
    const sharing = people.find((one) => one.getTrackPublication(Track.Source.ScreenShare)?.track);
    const track = sharing?.getTrackPublication(Track.Source.ScreenShare)?.track;
    this.#screen.hidden = !track;
    const shown = this.#screen.querySelector("video");
    if (!track) {
      shown?.remove();
      return;
    }
    if (
      shown?.srcObject instanceof MediaStream &&
      shown.srcObject.getTracks().includes(track.mediaStreamTrack)
    )
      return;
    shown?.remove();
    const video = track.attach();
    required("#screen-of", HTMLElement).textContent = sharing?.isLocal
      ? "You are sharing this"
      : `${sharing?.name ?? ""} is sharing this`;
    this.#screen.prepend(video);
  }
}
