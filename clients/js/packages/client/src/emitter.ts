/** Typed events. A handler that throws is reported and disturbs nobody else. */
export class Emitter<Events> {
  /** Another array after each change, so that one may be walked while handlers come and go. */
  #handlers: (readonly [event: keyof Events, handler: (value: never) => void])[] = []

  /**
   * Calls `handler` at every `event` until the returned function is called.
   * @returns stops the calls; calling it again does nothing.
   */
  on<E extends keyof Events>(event: E, handler: (value: Events[E]) => void): () => void {
    // One function registered twice is called twice and removed once.
    const entry = [event, handler] as const
    this.#handlers = [...this.#handlers, entry]
    return () => {
      this.#handlers = this.#handlers.filter((one) => one !== entry)
    }
  }

  /** @internal */
  _emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const [wanted, handler] of this.#handlers) {
      try {
        if (wanted === event) handler(value as never)
      } catch (error) {
        // The app's bug must not cost a message: log it and go on.
        console.error('@tieline/client: a handler threw', error)
      }
    }
  }
}
