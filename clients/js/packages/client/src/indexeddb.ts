import type { Storage } from './storage.js'

const STORE = 'items'

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  const request = factory.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  return settled(request).then((database) => {
    // Another tab deletes or upgrades the database: step aside instead of blocking it.
    database.onversionchange = () => database.close()
    return database
  })
}

/**
 * One object store of the browser. When the connection is lost (iOS drops it in the background) it is reopened once per
 * call; where IndexedDB does not work at all (private windows, sandboxed frames) everything stays in memory.
 */
export function indexedDbStorage(factory: IDBFactory = globalThis.indexedDB, name = 'tieline'): Storage {
  const memory = new Map<IDBValidKey, unknown>()
  let database: Promise<IDBDatabase> | undefined

  async function attempt(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
    database ??= openDatabase(factory, name)
    const transaction = (await database).transaction(STORE, mode)
    const answer = settled(use(transaction.objectStore(STORE)))
    // A request can succeed and its transaction still abort (quota): only `complete` means kept.
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
      answer.catch(reject)
    })
    return answer
  }

  /** `or`: the same in memory. */
  async function run<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest, or: () => unknown): Promise<T> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        return (await attempt(mode, use)) as T
      } catch {
        database = undefined
      }
    }
    return or() as T
  }

  const get = async <T>(key: string): Promise<T | null> =>
    (await run<T | undefined>(
      'readonly',
      (store) => store.get(key),
      () => memory.get(key),
    )) ?? null
  const put = (key: string, value: unknown) =>
    run<unknown>(
      'readwrite',
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
        'readwrite',
        (store) => store.delete(key),
        () => memory.delete(key),
      ),
    getAllKeys: () =>
      run(
        'readonly',
        (store) => store.getAllKeys(),
        () => [...memory.keys()],
      ),
  }
}
