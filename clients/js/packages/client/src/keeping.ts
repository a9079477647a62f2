import { Account } from './account.js'
import type { Clock } from './clock.js'
import type { Inbox } from './inbox.js'
import type { Outbox, OutboxParts } from './outbox.js'
import { Shelf } from './shelf.js'
import type { Storage } from './storage.js'
import { Tabs } from './tabs.js'
import type { Thread } from './thread.js'
import type { Threads } from './threads.js'
import type { Tokens } from './tokens.js'

/** What a core client lets its keeper reach. @internal */
export interface Kept {
  url: string
  tokens: Tokens
  outbox: Outbox
  inbox: Inbox
  threads: Threads<Thread>
}

/** @internal */
export interface Keeper {
  readonly outbox: Partial<OutboxParts>
  /** @internal Returns how to stop. */
  begin(client: Kept): () => void
}

/** How the outbox of a small client is kept; made by `keepIn`. */
export interface Keeping {
  /** @internal */
  make(clock: Clock, tab: string, outbox: () => Outbox): Keeper
}

/**
 * Lets the outbox of a core client survive a restart, and tabs share what a closed one left: nothing that one account wrote
 * is sent as another.
 * @param storage `indexedDbStorage()`, AsyncStorage, or anything with their four methods
 */
export function keepIn(storage: Storage, { account: named, locks }: { account?: string; locks?: LockManager } = {}): Keeping {
  const make: Keeping['make'] = (clock, tab, outbox) => {
    const shelf = new Shelf(storage, clock, outbox)
    const tabs = new Tabs(tab, locks ?? (typeof window === 'undefined' ? undefined : navigator.locks))
    return {
      outbox: { tab, keep: shelf.keep, drop: (entry) => shelf.drop(entry) },
      begin({ url, tokens, inbox, threads }) {
        const account = new Account({
          clock,
          storage,
          tabs,
          shelf,
          url,
          named,
          adopted: (pending) => {
            for (const thread of new Set(pending.map((entry) => threads.to(entry))))
              thread.restore(pending.filter((entry) => threads.to(entry) === thread))
          },
          switched: () => {
            shelf.close()
            outbox().leave()
            threads.forget()
            inbox.forget()
          },
        })
        tokens.got = (token) => account.known(token)
        void account.remember()
        return () => {
          account.stop()
          tabs.release()
        }
      },
    }
  }
  return { make }
}
