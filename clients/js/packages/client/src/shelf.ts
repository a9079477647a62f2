import { type Clock, within } from './clock.js'
import type { Entry, Outbox, Pending } from './outbox.js'
import type { Storage } from './storage.js'

/** A slow store must not keep a message back: the write goes on while the message is already under way. */
const STORE_MS = 30

/** Where the outbox is kept, under the name of the account that wrote it. */
export class Shelf {
  #storage: Storage
  #clock: Clock
  #outbox: () => Outbox
  /** @internal */
  protected scope: string | undefined

  constructor(storage: Storage, clock: Clock, outbox: () => Outbox) {
    this.#storage = storage
    this.#clock = clock
    this.#outbox = outbox
  }

  /** Under whose name entries are kept. Entries of this process move along; those of others stay where they are. */
  open(scope: string): void {
    if (scope === this.scope) return
    const old = this.scope
    this.scope = scope
    const outbox = this.#outbox()
    for (const entry of outbox.entries) {
      if (old) this.forget(keyOf(old, entry.draft.client_id))
      void outbox.keep(entry)
    }
  }

  /** Lets go of the account; the store keeps what is its. */
  close(): void {
    this.scope = undefined
  }

  keep = async (entry: Entry): Promise<void> => {
    const write = (async () => this.scope && this.#storage.setItem(keyOf(this.scope, entry.draft.client_id), encode(entry)))()
    await within(this.#clock, STORE_MS, write, undefined)
    // Settled while the store was slow: what was just written must not come back at the next start.
    if (this.scope && !this.#outbox().entries.includes(entry)) {
      const drop = () => this.drop(entry)
      void write.then(drop, () => {})
    }
  }

  drop({ draft }: Entry): void {
    if (this.scope) this.forget(keyOf(this.scope, draft.client_id))
  }

  /** Takes over what an earlier process or a closed tab left, oldest first and before all that is new. */
  async adopt(tab: string, alive: (tab: string) => boolean): Promise<Entry[]> {
    const storage = this.#storage
    const outbox = this.#outbox()
    const scope = this.scope
    if (!scope) return []
    const prefix = keyOf(scope, '')
    const adopted: Pending[] = []
    for (const key of [...(await storage.getAllKeys())].sort()) {
      if (!key.startsWith(prefix) || outbox.find(key.slice(prefix.length))) continue
      try {
        const pending = JSON.parse((await storage.getItem(key)) ?? 'null') as Pending | null
        if (pending && (pending.tab === tab || !alive(pending.tab))) adopted.push({ ...pending, tab })
      } catch {
        // A broken item is nobody's message.
      }
    }
    if (scope !== this.scope) return []
    const fresh = adopted.filter(({ draft }) => !outbox.find(draft.client_id)).map((pending) => ({ ...pending, kept: true }))
    for (const entry of fresh) void storage.setItem(keyOf(scope, entry.draft.client_id), encode(entry)).catch(() => {})
    outbox.takeOver(fresh)
    return fresh
  }

  /** @internal */
  protected forget(key: string): void {
    void this.#storage.removeItem(key).catch(() => {})
  }
}

export function keyOf(scope: string, clientId: string): string {
  return `tieline:${scope}:${clientId}`
}

function encode({ draft, at, tab, type, files, shown }: Pending): string {
  return JSON.stringify({ draft, at, tab, type, files, shown })
}
