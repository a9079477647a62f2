import type { Clock } from './clock.js'
import type { Entry, Outbox } from './outbox.js'
import { keyOf, Shelf } from './shelf.js'
import type { Storage } from './storage.js'

/** A shelf that knows of files, and can be emptied. */
export class FileShelf extends Shelf {
  #storage: Storage
  #outbox: () => Outbox

  constructor(storage: Storage, clock: Clock, outbox: () => Outbox) {
    super(storage, clock, outbox)
    this.#storage = storage
    this.#outbox = outbox
  }

  override drop(entry: Entry): void {
    for (const { key } of entry.files ?? []) this.forget(fileKey(key))
    super.drop(entry)
  }

  /** Nothing of this account stays in the store. */
  async wipe(): Promise<void> {
    const { scope } = this
    if (!scope) return
    const files = this.#outbox().entries.flatMap((entry) => entry.files?.map(({ key }) => fileKey(key)) ?? [])
    this.scope = undefined
    const keys = (await this.#storage.getAllKeys()).filter((key) => key.startsWith(keyOf(scope, '')))
    await Promise.all([...keys, ...files].map((key) => this.#storage.removeItem(key)))
  }
}

/** Where the bytes of a file are kept. */
export function fileKey(key: string): string {
  return `tieline-file:${key}`
}
