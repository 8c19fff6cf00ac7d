/**
 * Tells the coach to be quiet while the panel hides, and gives the rep's attention setting back afterwards.
 *
 * Only `live` is ever changed, and only what is still `quiet` afterwards is set back: what the rep chose meanwhile
 * stays. The debt is remembered over a reload of the page, because the share ends with the page and the coach stays
 * quiet. Nobody waits for the coach: a call that fails is repeated when the next call state comes.
 */
import type { Coach } from "../client/coach.js";
import type { Attention } from "../contract.js";

export type AttentionLine = Pick<Coach, "state" | "standing" | "control" | "on">;

/** Remembers, for this tab and over a reload, that `live` is owed to the coach of one call. */
export interface Debt {
  owed: boolean;
}

export class AttentionKeeper {
  readonly #coach: AttentionLine;
  readonly #debt: Debt;
  readonly #unlisten: () => void;
  #attention: Attention | null;
  #hiding = false;
  #told: string | null = null;
  #asking = false;

  constructor(coach: AttentionLine, debt: Debt) {
    this.#coach = coach;
    this.#debt = debt;
    this.#attention = coach.state?.attention ?? null;
    this.#unlisten = coach.on("state", (state) => {
      this.#attention = state?.attention ?? null;
      this.#pursue();
    });
    this.#pursue();
  }

  /** Whether the panel hides now. Returns at once; the coach is told as soon as it can be. */
  hide(hiding: boolean): void {
    if (hiding === this.#hiding) return;
    this.#hiding = hiding;
    this.#told = null;
    this.#pursue();
  }

  /** Gives the setting back with one last try, and listens no more. */
  stop(): void {
    this.hide(false);
    this.#unlisten();
  }

  #pursue(): void {
    if (this.#asking || this.#attention === null) return;
    if (this.#hiding) {
      // A coach that was told is not told again, so that a rep who says `live` meanwhile is obeyed; its successor is.
      if (this.#attention === "live" && this.#told !== (this.#coach.standing.coach ?? ""))
        void this.#ask("quiet");
    } else if (this.#debt.owed) {
      if (this.#attention === "quiet") void this.#ask("live");
      else this.#debt.owed = false;
    }
  }

  async #ask(attention: "live" | "quiet"): Promise<void> {
    const coach = this.#coach.standing.coach ?? "";
    this.#asking = true;
    // Before the call: one that fails may have been heard all the same.
    if (attention === "quiet") this.#debt.owed = true;
    try {
      const state = await this.#coach.control(attention);
      this.#attention = state.attention;
      if (attention === "quiet") this.#told = coach;
    } catch {
      this.#asking = false;
      return;
    }
    this.#asking = false;
    this.#pursue();
  }
}

/** `key` tells calls apart. Without a session storage (a sandboxed page has none) the debt lasts as long as the page. */
export function rememberedDebt(key: string): Debt {
  const name = `cornerman.attention.${key}`;
  let owed = reading(() => sessionStorage.getItem(name) === "live") ?? false;
  return {
    get owed() {
      return owed;
    },
    set owed(value: boolean) {
      owed = value;
      reading(() => (value ? sessionStorage.setItem(name, "live") : sessionStorage.removeItem(name)));
    },
  };
}

function reading<Value>(use: () => Value): Value | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
