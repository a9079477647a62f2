import type { Entry, Outbox } from './outbox.js'
import type { Storage } from './storage.js'

/** Where the bytes of a file are kept. */
export function fileKey(key: string): string {
  return `tieline-file:${key}`
}

/** With an entry of the outbox go its files. */
export function dropFiles(outbox: Outbox, storage: Storage): void {
  const { _drop: drop } = outbox
  outbox._drop = (entry) => {
    for (const key of fileKeys(entry)) void storage.removeItem(key).catch(() => {})
    drop?.(entry)
  }
}

/** Nothing of an account stays in the store. @param prefix how the keys of its entries begin */
export async function wipe(storage: Storage, prefix: string | undefined, { _entries: entries }: Outbox): Promise<void> {
  if (!prefix) return
  const files = entries.flatMap(fileKeys)
  const keys = (await storage.getAllKeys()).filter((key) => key.startsWith(prefix))
  await Promise.all([...keys, ...files].map((key) => storage.removeItem(key)))
}

function fileKeys({ files = [] }: Entry): string[] {
  return files.map(({ key }) => fileKey(key))
}
