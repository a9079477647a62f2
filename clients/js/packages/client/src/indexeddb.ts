import type { Storage } from './storage.js'

const STORE = 'items'

/** Resolves at the event that says that it is done. */
function settled(target: IDBRequest | IDBTransaction, done: 'onsuccess' | 'oncomplete'): Promise<unknown> {
  return new Promise((resolve, onerror) => Object.assign(target, { [done]: resolve, onerror, onabort: onerror }))
}

/**
 * One object store of the browser. When the connection is lost (iOS drops it in the background) it is reopened once per
 * call; where IndexedDB does not work at all (private windows, sandboxed frames) everything stays in memory.
 */
export function indexedDbStorage(factory: IDBFactory = globalThis.indexedDB, name = 'tieline'): Storage {
  const memory = new Map<string, unknown>()
  let database: Promise<IDBDatabase> | undefined

  async function open(): Promise<IDBDatabase> {
    const request = factory.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    await settled(request, 'onsuccess')
    // Another tab deletes or upgrades the database: step aside instead of blocking it.
    request.result.onversionchange = () => request.result.close()
    return request.result
  }

  /** `or`: the same in memory. */
  async function run<T>(use: (store: IDBObjectStore) => IDBRequest, or: () => unknown): Promise<T> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        const transaction = (await (database ??= open())).transaction(STORE, 'readwrite')
        const request = use(transaction.objectStore(STORE))
        // A request can succeed and its transaction still abort (quota): only `complete` means kept.
        await settled(transaction, 'oncomplete')
        return (request.result ?? null) as T
      } catch {
        database = undefined
      }
    }
    return (or() ?? null) as T
  }

  const get = <T>(key: string): Promise<T | null> =>
    run(
      (store) => store.get(key),
      () => memory.get(key),
    )
  const put = (key: string, value: unknown): Promise<unknown> =>
    run(
      (store) => store.put(value, key),
      () => memory.set(key, value),
    )
  return {
    getItem: get,
    setItem: put,
    getFile: get,
    putFile: put,
    removeItem: (key) =>
      run(
        (store) => store.delete(key),
        () => memory.delete(key),
      ),
    getAllKeys: () =>
      run(
        (store) => store.getAllKeys(),
        () => [...memory.keys()],
      ),
  }
}
