import { type Clock, Timer } from './clock.js'
import type { Pending } from './outbox.js'
import type { Shelf } from './shelf.js'
import type { Storage } from './storage.js'
import type { Tabs } from './tabs.js'
import { claimsOf } from './tokens.js'

/** How soon the messages of a closed tab are taken over. */
const ADOPT_MS = 10_000

export interface AccountParts {
  clock: Clock
  storage: Storage
  tabs: Tabs
  shelf: Shelf
  url: string
  /** Given by the app where the token does not name the account. */
  named: string | undefined
  /** Messages of an earlier process, now this one's. */
  adopted(pending: readonly Pending[]): void
  /** The token is another account's than before. */
  switched(): void
}

/** Whose outbox it is: nothing that one account wrote is ever sent as another. */
export class Account {
  #parts: AccountParts
  #scope: string | undefined
  #proven = false
  #adopt: Timer
  #owner = false

  constructor(parts: AccountParts) {
    this.#parts = parts
    this.#adopt = new Timer(parts.clock)
  }

  get #key(): string {
    return `tieline-account:${this.#parts.url}`
  }

  /** Before there is a token (offline start): whoever used this server last on this device is assumed to write. */
  async remember(): Promise<void> {
    const { storage, named } = this.#parts
    const last = named ?? (await storage.getItem(this.#key).catch(() => null))
    if (last && !this.#scope) this.#open(last)
  }

  /** The token says who it is. */
  known(token: string): void {
    const { storage, named, switched } = this.#parts
    const account = named ?? claimsOf(token).sub
    // An opaque token and no name: whoever comes next could be anybody, so nothing is kept.
    if (!account) return
    const changed = this.#scope !== account
    if (changed && this.#proven) switched()
    this.#proven = true
    if (!changed) return
    void storage.setItem(this.#key, account).catch(() => {})
    this.#open(account)
  }

  /** Takes over what closed tabs left, if this is the tab to do it. */
  adopt = async (): Promise<void> => {
    const { shelf, tabs, adopted } = this.#parts
    // Where there are no tabs nobody leaves anything behind but the process before.
    if (tabs.shared) this.#adopt.set(ADOPT_MS, () => void this.adopt())
    if (!this.#owner) return
    try {
      const pending = await shelf.adopt(tabs.id, await tabs.alive())
      if (pending.length) adopted(pending)
    } catch {
      // The store is out of order: what it holds waits for the next start.
    }
  }

  /** Asks for the place of the tab that takes over what others leave. */
  claim(): void {
    const { tabs, url } = this.#parts
    const account = this.#scope
    if (this.#owner || !account) return
    void tabs.own(`${url}:${account}`).then((own) => {
      if (!own || this.#scope !== account) return
      this.#owner = true
      void this.adopt()
    })
  }

  async forget(): Promise<void> {
    this.stop()
    this.#scope = undefined
    await this.#parts.storage.removeItem(this.#key)
  }

  stop(): void {
    this.#adopt.clear()
    this.#owner = false
  }

  #open(account: string): void {
    this.#scope = account
    this.#owner = false
    this.#parts.shelf.open(`${this.#parts.url}:${account}`)
    this.claim()
  }
}
