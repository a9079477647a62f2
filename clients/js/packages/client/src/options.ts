import { type Clock, systemClock } from './clock.js'
import type { Fetch } from './http.js'
import { indexedDbStorage } from './indexeddb.js'
import { browserSignals, type Signals } from './signals.js'
import type { WebSocketConstructor } from './socket.js'
import { memoryStorage, type Storage } from './storage.js'

/** Everything has a default that fits where the client runs. */
export interface ChatOptions {
  /** Names the account for the outbox's store. Default: the token's `sub`. Needed only with tokens that are no JWT. */
  account?: string
  /** Default: the global `fetch`. */
  fetch?: Fetch
  /** Default: the global `WebSocket`. Node 20 has none: pass the one of `ws`, or live with streams. */
  WebSocket?: WebSocketConstructor
  /**
   * Where the outbox survives a restart: AsyncStorage, expo-sqlite/kv-store, or anything with their four methods.
   * Default: IndexedDB in browsers, memory elsewhere.
   */
  storage?: Storage
  /** Default: the system's. */
  clock?: Clock
  /** A number from 0 up to 1. Default: Math.random. */
  random?: () => number
  /** Default: the browser's events; `@tieline/client/react-native` has the device's. */
  signals?: Signals
  /** Default: the browser's Web Locks. */
  locks?: LockManager
  /** Tell the server why a WebSocket failed, so that its operator sees it. Default: true. */
  report?: boolean
  /** Gets a line for each thing that happens, without secrets. Default: none. */
  log?: (line: string) => void
}

/** What every client needs of where it runs. */
export interface Basics {
  fetch: Fetch
  WebSocket: WebSocketConstructor | undefined
  clock: Clock
  random: () => number
}

export interface Surroundings extends Basics {
  storage: Storage
  signals: Signals
  locks: LockManager | undefined
}

export function surroundings(options: ChatOptions): Surroundings {
  const here = globalThis as { indexedDB?: IDBFactory; WebSocket?: WebSocketConstructor; navigator?: Navigator; window?: unknown }
  return {
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    WebSocket: options.WebSocket ?? here.WebSocket,
    storage: options.storage ?? defaultStorage(here.indexedDB),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    signals: options.signals ?? browserSignals,
    locks: options.locks ?? (here.window ? here.navigator?.locks : undefined),
  }
}

function defaultStorage(factory: IDBFactory | undefined): Storage {
  return factory ? indexedDbStorage(factory) : memoryStorage()
}
