import { type Clock, Timer, within } from './clock.js'
import type { Inbox } from './inbox.js'
import type { Entry, Outbox, Pending } from './outbox.js'
import type { Storage } from './storage.js'
import type { Tabs } from './tabs.js'
import type { Own, Thread } from './thread.js'
import type { Threads } from './threads.js'
import { claimsOf, type Tokens } from './tokens.js'

/** A slow store must not keep a message back: the write goes on while the message is already under way. */
const STORE_MS = 30
/** How soon the messages of a closed tab are taken over. */
const ADOPT_MS = 10_000

/** What a client lets its keeper reach. */
export interface Kept {
  readonly url: string
  readonly _tokens: Tokens
  readonly _outbox: Outbox
  readonly _inbox: Inbox
  readonly _threads: Threads<Thread>
}

export interface KeeperParts {
  clock: Clock
  storage: Storage
  _tabs: Tabs
  /** Given by the app where the token does not name the account. */
  _named: string | undefined
}

/** Where the outbox is kept, and whose it is: nothing that one account wrote is ever sent as another. */
export interface Keeper {
  /** Asks for the place of the tab that takes over what others leave, and says to them that this one lives. */
  _claim(): void
  /** Takes over what closed tabs left, if this is the tab to do it: oldest first, and before all that is new. */
  _adopt(): Promise<void>
  /** Lets go of the account; the store keeps what is its. @returns how the keys of its entries begin */
  _leave(): string | undefined
  /** Leaves everything to the tabs that live. */
  stop(): void
}

export function createKeeper(client: Kept, { clock, storage, _tabs: tabs, _named: named }: KeeperParts): Keeper {
  const { url, _tokens: tokens, _outbox: outbox, _inbox: inbox, _threads: threads } = client
  const timer = new Timer(clock)
  /** How the keys of the account's entries begin; undefined while it is not known whose they are. */
  let prefix: string | undefined
  /** The token has said whose they are. */
  let proven = false
  /** This tab takes over what closed ones leave. */
  let owner = false

  outbox.tab = tabs.id
  outbox._write = write
  outbox._drop = drop
  tokens._got = known
  void remember()
  return { _claim: claim, _adopt: adopt, _leave: leave, stop }

  function keyOf(entry: Entry): string {
    return prefix + entry.draft.client_id
  }

  function forget(key: string): void {
    void storage.removeItem(key).catch(() => {})
  }

  function drop(entry: Entry): void {
    if (prefix) forget(keyOf(entry))
  }

  async function write(entry: Entry): Promise<void> {
    const { draft, at, tab, type, files, shown } = entry
    const written = (async () => prefix && storage.setItem(keyOf(entry), JSON.stringify({ draft, at, tab, type, files, shown })))()
    await within(clock, STORE_MS, written, undefined)
    // Settled while the store was slow: what was just written must not come back at the next start.
    if (!outbox._entries.includes(entry)) void written.then(() => drop(entry)).catch(() => {})
  }

  /** Before there is a token (offline start): whoever used this server last on this device is assumed to write. */
  async function remember(): Promise<void> {
    const last = named ?? (await storage.getItem(accountKey(url)).catch(() => null))
    if (last && !prefix) open(last)
  }

  function known(token: string): void {
    const account = named ?? claimsOf(token).sub
    // An opaque token and no name: whoever comes next could be anybody, so nothing is kept.
    if (!account) return
    const changed = prefix !== prefixOf(account)
    if (changed && proven) {
      leave()
      outbox._leave()
      threads._forget()
      inbox._forget()
    }
    proven = true
    if (!changed) return
    void storage.setItem(accountKey(url), account).catch(() => {})
    open(account)
  }

  function prefixOf(account: string): string {
    return `tieline:${url}:${account}:`
  }

  /** Entries of this process move along; those of others stay where they are. */
  function open(account: string): void {
    outbox._entries.forEach(drop)
    prefix = prefixOf(account)
    owner = false
    for (const entry of outbox._entries) void outbox.keep(entry)
    claim()
  }

  function claim(): void {
    const mine = prefix
    tabs._live()
    if (owner || !mine) return
    void tabs._hold(mine).then((held) => {
      if (!held || prefix !== mine) return
      owner = true
      void adopt()
    })
  }

  async function adopt(): Promise<void> {
    const mine = prefix
    // Where there are no tabs nobody leaves anything behind but the process before.
    if (tabs.locks) timer.set(ADOPT_MS, adopt)
    if (!owner || !mine) return
    try {
      const alive = await tabs._alive()
      const left: Entry[] = []
      for (const key of [...(await storage.getAllKeys())].sort()) {
        if (!key.startsWith(mine) || outbox.find(key.slice(mine.length))) continue
        try {
          const pending = JSON.parse((await storage.getItem(key))!) as Pending
          if (pending.tab === tabs.id || !alive(pending.tab)) left.push({ ...pending, tab: tabs.id, _kept: true })
        } catch {
          // A broken item is nobody's message.
        }
      }
      const entries = left.filter(({ draft }) => !outbox.find(draft.client_id))
      if (mine !== prefix || !entries.length) return
      outbox._takeOver(entries)
      for (const entry of entries) void write(entry)
      const messages = entries.filter(({ type }) => !type)
      for (const thread of new Set(messages.map((entry) => threads.to(entry))))
        show(
          thread,
          messages.filter((entry) => threads.to(entry) === thread),
        )
    } catch {
      // The store is out of order: what it holds waits for the next start.
    }
  }

  function leave(): string | undefined {
    const mine = prefix
    prefix = undefined
    owner = false
    return mine
  }

  function stop(): void {
    timer.clear()
    owner = false
    tabs._release()
  }
}

/** Messages that an earlier process left in the outbox are there again, before those of this one. */
function show(thread: Thread, entries: readonly Entry[]): void {
  const shown = entries.map((entry): [string, Own] => [entry.draft.client_id, { message: thread._written(entry) }])
  thread._own = new Map([...shown, ...thread._own])
  thread._changed()
  for (const [, { message }] of shown) thread._emit('message', message)
}

/** Where it is kept who used a server last on this device. */
export function accountKey(url: string): string {
  return `tieline-account:${url}`
}
