import { memoryStorage, type Storage } from './storage.js'

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
  const memory = memoryStorage()
  let database: Promise<IDBDatabase> | undefined

  async function attempt<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    database ??= openDatabase(factory, name)
    const transaction = (await database).transaction(STORE, mode)
    const answer = settled(use(transaction.objectStore(STORE)))
    if (mode === 'readonly') return answer
    // A request can succeed and its transaction still abort (quota): only `complete` means kept.
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = transaction.onerror = () => reject(transaction.error)
      answer.catch(reject)
    })
    return answer
  }

  async function run<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>, inMemory: () => Promise<T>): Promise<T> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        return await attempt(mode, use)
      } catch {
        database = undefined
      }
    }
    return inMemory()
  }

  const get = <T>(key: string, inMemory: () => Promise<T | null>) =>
    run<T | null>('readonly', (store) => store.get(key), inMemory).then((value) => value ?? null)
  const put = (value: unknown, key: string, inMemory: () => Promise<unknown>) =>
    run<unknown>('readwrite', (store) => store.put(value, key) as IDBRequest, inMemory)
  return {
    getItem: (key) => get<string>(key, () => memory.getItem(key)),
    setItem: (key, value) => put(value, key, () => memory.setItem(key, value)),
    getFile: (key) => get<Blob>(key, () => memory.getFile!(key)),
    putFile: (key, file) => put(file, key, () => memory.putFile!(key, file)),
    removeItem: (key) =>
      run<unknown>(
        'readwrite',
        (store) => store.delete(key) as IDBRequest,
        () => memory.removeItem(key),
      ),
    getAllKeys: () =>
      run<readonly string[]>(
        'readonly',
        (store) => store.getAllKeys() as IDBRequest,
        () => memory.getAllKeys(),
      ),
  }
}
