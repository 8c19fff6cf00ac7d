/**
 * Who is the coach: which callers are trusted, and which one of them is obeyed.
 *
 * Identities and journal segments go in, one leader comes out. The server vouches for identities and kinds; the token
 * server vouches for the reserved prefix. Promises: nobody without the prefix is ever trusted; a caller with the prefix
 * whom the room lists as anything but an agent is trusted no longer, and stays distrusted until the room lists it as an
 * agent; of several coaches in the room only the one of the highest segment is obeyed, and of equals the last to come.
 */
export const REMEMBERED = 64;
const UNSPOKEN = -1;

export class Coaches {
  readonly #segments = new Map<string, number>();
  readonly #exposed = new Set<string>();

  /** `listedAsAgent`: whether the room lists an identity as an agent; null while it does not list it at all. */
  constructor(
    private readonly prefix: string,
    private readonly listedAsAgent: (identity: string) => boolean | null,
  ) {
    if (!prefix)
      throw new TypeError("the coach's identity prefix must not be empty: every caller would be trusted");
  }

  /** Whether this caller may be a coach, as far as the room knows now. */
  trusts(identity: string): boolean {
    if (!identity.startsWith(this.prefix) || identity === this.prefix) return false;
    const listed = this.listedAsAgent(identity);
    if (listed) this.#exposed.delete(identity);
    else if (listed === false) this.#expose(identity);
    return !this.#exposed.has(identity);
  }

  /** A trusted participant was seen, by list or by call. */
  meet(identity: string): void {
    if (!this.#segments.has(identity)) this.#segments.set(identity, UNSPOKEN);
    for (const other of this.known) {
      if (this.#segments.size <= REMEMBERED) break;
      if (other !== this.leader) this.#segments.delete(other);
    }
  }

  /** Takes note of the segment a coach speaks for; whether this coach is the one to obey. */
  obeys(identity: string, segment: number): boolean {
    this.meet(identity);
    this.#segments.set(identity, Math.max(segment, this.#segments.get(identity) ?? UNSPOKEN));
    return this.leader === identity;
  }

  /** A coach left: it claims nothing any more, so that a successor without its journal is not locked out. */
  part(identity: string): void {
    this.#segments.delete(identity);
  }

  /** The coach to obey and to call. */
  get leader(): string | null {
    let leader: string | null = null;
    let highest = UNSPOKEN;
    for (const [identity, segment] of this.#segments) {
      if (segment < highest) continue;
      leader = identity;
      highest = segment;
    }
    return leader;
  }

  /** Every coach met and not gone, in order of appearance. */
  get known(): readonly string[] {
    return [...this.#segments.keys()];
  }

  #expose(identity: string): void {
    this.#exposed.add(identity);
    for (const oldest of this.#exposed) {
      if (this.#exposed.size <= REMEMBERED) break;
      this.#exposed.delete(oldest);
    }
    this.#segments.delete(identity);
  }
}
