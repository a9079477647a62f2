import type { Clock } from './clock.js'
import { createKeeper, type Kept } from './keeper.js'
import type { Storage } from './storage.js'
import { createTabs } from './tabs.js'

/** How the outbox of a small client is kept; made by `keepIn`. */
export interface Keeping {
  /** @internal Returns how to stop. */
  _begin(client: Kept, clock: Clock, tab: string): () => void
}

/**
 * Lets the outbox of a core client survive a restart, and tabs share what a closed one left: nothing that one account wrote
 * is sent as another.
 * @param storage `indexedDbStorage()`, AsyncStorage, or anything with their four methods
 */
export function keepIn(
  storage: Storage,
  { account, locks = typeof window === 'undefined' ? undefined : navigator.locks }: { account?: string; locks?: LockManager } = {},
): Keeping {
  return { _begin: (client, clock, tab) => createKeeper(client, { clock, storage, _tabs: createTabs(tab, locks), _named: account }).stop }
}
