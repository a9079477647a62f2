/** What tabs of one browser must agree on, by Web Locks. Without them (React Native, Node) every client is alone. */
export class Tabs {
  readonly id: string
  /** @internal */
  protected readonly locks: LockManager | undefined
  #held = new Map<string, () => void>()

  constructor(id: string, locks: LockManager | undefined) {
    this.id = id
    this.locks = locks
    this.live()
  }

  /** Says to other tabs that this one lives and sends what it wrote. */
  live(): void {
    void this.hold(`tieline:tab:${this.id}`)
  }

  /** There may be others. */
  get shared(): boolean {
    return this.locks !== undefined
  }

  /** Resolves when this tab owns what closed tabs of the account left behind; to false when it no longer wants to. */
  own(scope: string): Promise<boolean> {
    return this.hold(`tieline:outbox:${scope}`)
  }

  /** Which tabs live now. */
  async alive(): Promise<(tab: string) => boolean> {
    const state = await this.locks?.query()
    return (tab) => state?.held?.some((lock) => lock.name === `tieline:tab:${tab}`) ?? false
  }

  free(name: string): void {
    this.#held.get(name)?.()
    this.#held.delete(name)
  }

  release(): void {
    for (const name of [...this.#held.keys()]) this.free(name)
  }

  /** @internal True once the lock is held; false only with `ifAvailable`, when somebody else has it. */
  protected hold(name: string, ifAvailable = false): Promise<boolean> {
    const locks = this.locks
    if (!locks || this.#held.has(name)) return Promise.resolve(true)
    return new Promise((resolve) => {
      let mine: () => void
      const until = new Promise<void>((free) => {
        mine = free
        this.#held.set(name, free)
      })
      const granted = (lock: Lock | null) => {
        // Let go of while it was waited for: then it is for the next one.
        const wanted = lock !== null && this.#held.get(name) === mine
        if (!lock) this.#held.delete(name)
        resolve(wanted)
        return wanted ? until : undefined
      }
      locks.request(name, { ifAvailable }, granted).catch(() => {
        // Forbidden here (sandboxed frames): alone, then.
        resolve(true)
      })
    })
  }
}
