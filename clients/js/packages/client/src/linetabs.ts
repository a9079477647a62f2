import { createTabs, type Tabs } from './tabs.js'

/** How many tabs of one browser may keep a request open: browsers have six connections per host on HTTP/1.1. */
const SLOTS = 3

/** What tabs agree on about their lines to one server. */
export interface LineTabs extends Tabs {
  /** True when this tab may keep a request open. */
  _slot(base: string): Promise<boolean>
  _freeSlot(): void
  /** Says to other tabs that this one is in the middle of a handshake to `base`. */
  _shaking(base: string, on: boolean): void
  _othersShaking(base: string): Promise<boolean>
}

export function createLineTabs(id: string, locks: LockManager | undefined): LineTabs {
  const tabs = createTabs(id, locks)
  let slot: string | undefined
  const free = (name: string) => {
    tabs._held.get(name)?.()
    tabs._held.delete(name)
  }
  return {
    ...tabs,
    async _slot(base) {
      for (let i = 0; i < SLOTS && locks && !slot; i++) {
        const name = `tieline:line:${base}:${i}`
        if (await tabs._hold(name, { ifAvailable: true })) slot = name
      }
      return !locks || slot !== undefined
    },
    _freeSlot() {
      if (slot) free(slot)
      slot = undefined
    },
    _shaking(base, on) {
      const name = `tieline:shake:${base}:${id}`
      if (on) void tabs._hold(name)
      else free(name)
    },
    async _othersShaking(base) {
      const state = await locks?.query()
      return state?.held?.some(({ name = '' }) => name.startsWith(`tieline:shake:${base}:`) && !name.endsWith(id)) ?? false
    },
    _release() {
      tabs._release()
      slot = undefined
    },
  }
}
