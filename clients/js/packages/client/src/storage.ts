/**
 * Where the outbox is kept: the four methods that AsyncStorage and expo-sqlite/kv-store share, so either can be
 * passed as it is. `setItem` resolves when the value would survive the app being killed. Every method may reject or
 * never settle: the client waits 30 ms for a write and then sends from memory.
 */
export interface Storage {
  getItem(key: string): Promise<string | null>
  setItem(key: string, value: string): Promise<unknown>
  removeItem(key: string): Promise<unknown>
  getAllKeys(): Promise<readonly string[]>
  /** Files of messages on their way. Without these two an upload does not survive a restart, unless its source is a `uri`. */
  putFile?(key: string, file: Blob): Promise<unknown>
  /** What `putFile` kept, null where there is none. `removeItem` removes it. */
  getFile?(key: string): Promise<Blob | null>
}

/** Keeps everything until the process ends. */
export function memoryStorage(): Storage {
  const items = new Map<string, string>()
  const files = new Map<string, Blob>()
  return {
    getItem: async (key) => items.get(key) ?? null,
    setItem: async (key, value) => void items.set(key, value),
    removeItem: async (key) => void (items.delete(key), files.delete(key)),
    getAllKeys: async () => [...items.keys()],
    putFile: async (key, file) => void files.set(key, file),
    getFile: async (key) => files.get(key) ?? null,
  }
}
