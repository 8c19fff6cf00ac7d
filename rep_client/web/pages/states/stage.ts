/** Plays one scene: a panel with a client over a scripted room, and what the coach then says and the rep does. */
import { CoachSession } from "../../src/client/coach_session.js";
import type { Nudge } from "../../src/contract.js";
import { type CoachPanel, KEYS, type KeyMap } from "../../src/element.js";
import "../../src/element.js";
import type { ShareGuard, Sharing } from "../../src/guard/sharing.js";
import { ScriptedRoom } from "../../test/scripted_room.js";
import { CALL, CARD } from "./call.js";

export interface Look {
  readonly theme: "auto" | "light" | "dark" | "contrast";
  readonly lang: string;
}

export function isLook(theme: string): theme is Look["theme"] {
  return ["auto", "light", "dark", "contrast"].includes(theme);
}

/** What a scene is played with. */
export interface Stage {
  readonly room: ScriptedRoom;
  readonly session: CoachSession;
  readonly panel: CoachPanel;
  readonly guard: PlayedGuard;
  readonly lang: string;
  /** The coach sends a card; resolves to the client's answer once it is painted. */
  card(change?: Partial<Nudge>): Promise<string>;
  /** Resolves once the panel has what this finds. */
  shown(selector: string): Promise<void>;
  /** The rep presses the key of a command. */
  press(command: keyof KeyMap): void;
  /** The element inside the panel that this finds. */
  find(selector: string): HTMLElement;
}

/** `room`: what the room is like at first; `state`: what the coach answers to hello. */
export interface Scene {
  readonly coach?: string | null;
  readonly status?: "connecting" | "connected";
  readonly state?: Partial<typeof CALL>;
  readonly play?: (stage: Stage) => unknown;
}

/** A guard whose findings the scene decides. */
export class PlayedGuard implements ShareGuard {
  sharing: Sharing = { discreet: false, reason: null, cleared: false };
  readonly #listeners = new Set<(sharing: Sharing) => void>();

  share(sharing: Sharing): void {
    this.sharing = sharing;
    for (const listener of this.#listeners) listener(sharing);
  }

  on(listener: (sharing: Sharing) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    this.share({ ...this.sharing, discreet: false, cleared: true });
  }

  stop(): void {
    this.#listeners.clear();
  }
}

/** Puts the scene's panel into `place`, in place of what was there. Resolves when it has come to rest. */
export async function showScene(scene: Scene, place: HTMLElement, look: Look): Promise<Stage> {
  const room = new ScriptedRoom({
    status: scene.status ?? "connected",
    ...(scene.coach === undefined ? {} : { coach: scene.coach }),
  });
  room.state = { ...CALL, ...scene.state };
  const session = new CoachSession(room);
  const guard = new PlayedGuard();
  const panel = document.createElement("coach-panel");
  panel.setAttribute("theme", look.theme);
  panel.lang = look.lang;
  panel.guard = guard;
  panel.client = session;
  place.replaceChildren(panel);
  session.start();
  if (scene.coach !== null && scene.status !== "connecting") {
    await room.heard("coach_hello");
    await settled();
  }
  const stage: Stage = {
    room,
    session,
    panel,
    guard,
    lang: look.lang,
    card: (change = {}) => room.coachSays.nudge({ ...CARD, ...change }),
    find: (selector) => {
      const found = panel.shadowRoot?.querySelector<HTMLElement>(selector);
      if (!found) throw new Error(`the panel has no ${selector}`);
      return found;
    },
    shown: async (selector) => {
      while (!panel.shadowRoot?.querySelector(selector)) await settled();
    },
    press: (command) => {
      const target = panel.shadowRoot?.activeElement ?? panel.shadowRoot?.querySelector(".main");
      const key = KEYS[command];
      target?.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true }),
      );
    },
  };
  await scene.play?.(stage);
  await settled();
  return stage;
}

/** Resolves when what was begun in this turn has been done and painted. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 40)));
}
