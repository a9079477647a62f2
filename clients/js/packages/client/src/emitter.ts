/** Typed events. A handler that throws is reported and disturbs nobody else. */
export class Emitter<Events> {
  #handlers: { [E in keyof Events]?: Set<(value: Events[E]) => void> } = {}

  /**
   * Calls `handler` at every `event` until the returned function is called.
   * @returns stops the calls; calling it again does nothing.
   */
  on<E extends keyof Events>(event: E, handler: (value: Events[E]) => void): () => void {
    const set = (this.#handlers[event] ??= new Set())
    // Its own closure, so that one function registered twice is called twice and removed once.
    const entry = (value: Events[E]) => handler(value)
    set.add(entry)
    return () => void set.delete(entry)
  }

  /** @internal */
  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const handler of [...(this.#handlers[event] ?? [])]) {
      try {
        handler(value)
      } catch (error) {
        // The app's bug must not cost a message: log it and go on.
        console.error('@tieline/client: a handler threw', error)
      }
    }
  }
}
