import { createTabs, type Tabs } from './tabs.js'

/** How many tabs of one browser may keep a request open: browsers have six connections per host on HTTP/1.1. */
const SLOTS = 3

/** What tabs agree on about their lines to one server. */
export interface LineTabs extends Tabs {
  /** True when this tab may keep a request open. */
  slot(base: string): Promise<boolean>
  freeSlot(): void
  /** Says to other tabs that this one is in the middle of a handshake to `base`. */
  shaking(base: string, on: boolean): void
  othersShaking(base: string): Promise<boolean>
}

export function createLineTabs(id: string, locks: LockManager | undefined): LineTabs {
  const tabs = createTabs(id, locks)
  let slot: string | undefined
  return {
    ...tabs,
    async slot(base) {
      for (let i = 0; i < SLOTS && locks && !slot; i++) {
        const name = `tieline:line:${base}:${i}`
        if (await tabs.hold(name, true)) slot = name
      }
      return !locks || slot !== undefined
    },
    freeSlot() {
      if (slot) tabs.free(slot)
      slot = undefined
    },
    shaking(base, on) {
      const name = `tieline:shake:${base}:${id}`
      if (on) void tabs.hold(name)
      else tabs.free(name)
    },
    async othersShaking(base) {
      const state = await locks?.query()
      return state?.held?.some(({ name = '' }) => name.startsWith(`tieline:shake:${base}:`) && !name.endsWith(id)) ?? false
    },
    release() {
      tabs.release()
      slot = undefined
    },
  }
}
