/**
 * Tells listeners what happened, in the order they came. A listener that throws stops nobody else: what it threw is
 * reported as the page's own uncaught error.
 */
type Listener<Event> = (event: Event) => void;

export class Emitter<Events> {
  readonly #listeners: { [Type in keyof Events]?: Set<{ readonly hear: Listener<Events[Type]> }> } = {};

  /** Hears of every further event of this type. Returns what stops that. */
  on<Type extends keyof Events>(type: Type, hear: Listener<Events[Type]>): () => void {
    const entry = { hear };
    const listeners = this.#listeners[type] ?? new Set();
    this.#listeners[type] = listeners;
    listeners.add(entry);
    return () => {
      listeners.delete(entry);
    };
  }

  /** Tells everybody who listens now; how many that were. */
  emit<Type extends keyof Events>(type: Type, event: Events[Type]): number {
    const told = [...(this.#listeners[type] ?? [])];
    for (const { hear } of told) {
      try {
        hear(event);
      } catch (error) {
        reportError(error);
      }
    }
    return told.length;
  }
}
