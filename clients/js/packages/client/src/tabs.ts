/** What tabs of one browser must agree on, by Web Locks. Without them (React Native, Node) every client is alone. */
export interface Tabs {
  readonly id: string
  readonly locks: LockManager | undefined
  /** Says to other tabs that this one lives and sends what it wrote. */
  _live(): void
  /** Which tabs live now. */
  _alive(): Promise<(tab: string) => boolean>
  /** True once the lock is held; false when this tab no longer wants it, or with `ifAvailable`, when somebody else has it. */
  _hold(name: string, options?: LockOptions): Promise<boolean>
  /** How to let go of each lock that is held or waited for. */
  _held: Map<string, () => void>
  _release(): void
}

export function createTabs(id: string, locks: LockManager | undefined): Tabs {
  const held = new Map<string, () => void>()
  const nameOf = (tab: string) => `tieline:tab:${tab}`
  const tabs: Tabs = {
    id,
    locks,
    _live: () => void tabs._hold(nameOf(id)),
    async _alive() {
      const { held } = (await locks?.query()) ?? {}
      return (tab) => !!held?.some(({ name }) => name === nameOf(tab))
    },
    _hold: (name, options = {}) =>
      new Promise((resolve) => {
        if (!locks || held.has(name)) return resolve(true)
        let mine: () => void
        const until = new Promise<void>((free) => held.set(name, (mine = free)))
        const granted = (lock: Lock | null) => {
          // Let go of while it was waited for: then it is for the next one.
          const wanted = !!lock && held.get(name) === mine
          if (!lock) held.delete(name)
          resolve(wanted)
          return wanted ? until : undefined
        }
        // Forbidden here (sandboxed frames): alone, then.
        locks.request(name, options, granted).catch(() => resolve(true))
      }),
    _held: held,
    _release() {
      for (const free of held.values()) free()
      held.clear()
    },
  }
  return tabs
}
