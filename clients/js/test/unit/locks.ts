/** Web Locks of one browser, shared by the tabs of a test. */
export class FakeLocks {
  #held = new Map<string, Promise<unknown>>()
  #waiting = new Map<string, (() => void)[]>()

  async request(name: string, { ifAvailable }: { ifAvailable?: boolean }, granted: (lock: { name: string } | null) => unknown): Promise<unknown> {
    if (this.#held.has(name)) {
      if (ifAvailable) return granted(null)
      await new Promise<void>((resolve) => this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]))
    }
    const until = Promise.resolve(granted({ name }))
    this.#held.set(name, until)
    await until
    this.#held.delete(name)
    this.#waiting.get(name)?.shift()?.()
    return undefined
  }

  async query(): Promise<{ held: { name: string }[] }> {
    return { held: [...this.#held.keys()].map((name) => ({ name })) }
  }
}
