import { Tabs } from './tabs.js'

/** How many tabs of one browser may keep a request open: browsers have six connections per host on HTTP/1.1. */
const SLOTS = 3

/** What tabs agree on about their lines. */
export class LineTabs extends Tabs {
  #slot: string | undefined

  /** True when this tab may keep a request open. */
  async slot(base: string): Promise<boolean> {
    for (let i = 0; i < SLOTS && this.locks && !this.#slot; i++) {
      const name = `tieline:line:${base}:${i}`
      if (await this.hold(name, true)) this.#slot = name
    }
    return !this.locks || this.#slot !== undefined
  }

  freeSlot(): void {
    if (this.#slot) this.free(this.#slot)
    this.#slot = undefined
  }

  /** Says to other tabs that this one is in the middle of a handshake to `base`. */
  shaking(base: string, on: boolean): void {
    const name = `tieline:shake:${base}:${this.id}`
    if (on) void this.hold(name)
    else this.free(name)
  }

  async othersShaking(base: string): Promise<boolean> {
    const state = await this.locks?.query()
    return state?.held?.some(({ name = '' }) => name.startsWith(`tieline:shake:${base}:`) && !name.endsWith(this.id)) ?? false
  }

  override release(): void {
    super.release()
    this.#slot = undefined
  }
}
