/** Typed events. A handler that throws is reported and disturbs nobody else. */
export class Emitter<Events> {
  #handlers = new Map<keyof Events, Set<(value: never) => void>>()

  /**
   * Calls `handler` at every `event` until the returned function is called.
   * @returns stops the calls; calling it again does nothing.
   */
  on<E extends keyof Events>(event: E, handler: (value: Events[E]) => void): () => void {
    let set = this.#handlers.get(event)
    if (!set) this.#handlers.set(event, (set = new Set()))
    // Its own closure, so that one function registered twice is called twice and removed once.
    const entry = (value: Events[E]) => handler(value)
    set.add(entry)
    return () => {
      set.delete(entry)
    }
  }

  /** @internal */
  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) {
      try {
        ;(handler as (value: Events[E]) => void)(value)
      } catch (error) {
        // The app's bug must not cost a message: log it and go on.
        console.error(`@tieline/client: a handler of '${String(event)}' threw`, error)
      }
    }
  }
}
