import type { Frame } from './frames.js'
import { ChatError } from './message.js'
import type { Draft, Outbox, Pending } from './outbox.js'

interface Waiter {
  resolve(answer: Frame): void
  reject(error: ChatError): void
}

/**
 * What people do with messages and chats, beside sending: told through the outbox, so in the order it was done, under one
 * client_id, until it is answered or refused for good, also after a restart.
 */
export class Commands {
  #outbox: Outbox
  #clientId: () => string
  #waiting = new Map<string, Waiter>()
  #newest = new Map<string, string>()

  constructor(outbox: Outbox, clientId: () => string) {
    this.#outbox = outbox
    this.#clientId = clientId
  }

  /**
   * @param key a later command under it makes this one needless: it is answered `replaced` if it has not left
   * @throws ChatError when it was refused for good
   */
  tell(type: string, fields: object, key?: string): Promise<Frame> {
    const client_id = this.#clientId()
    const before = key && this.#newest.get(key)
    if (key) this.#newest.set(key, client_id)
    const old = before && this.#outbox.find(before)
    if (old && old._sentAt === undefined && this.#outbox.discard(before)) this.#take(before)?.resolve({ type: 'replaced' })
    const told = new Promise<Frame>((resolve, reject) => this.#waiting.set(client_id, { resolve, reject }))
    const over = () => {
      if (key && this.#newest.get(key) === client_id) this.#newest.delete(key)
    }
    told.then(over, over)
    this.#outbox.add({ client_id, ...fields } as Draft, { type })
    return told
  }

  answered({ draft }: Pending, answer: Frame): void {
    this.#take(draft.client_id)?.resolve(answer)
  }

  refused({ draft }: Pending, error: ChatError): void {
    this.#take(draft.client_id)?.reject(error)
  }

  /** Nothing that was told is waited for any more: another account. */
  forget(): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)!.reject(new ChatError('signed_out', 'Another account is signed in.'))
  }

  #take(clientId: string): Waiter | undefined {
    const waiter = this.#waiting.get(clientId)
    this.#waiting.delete(clientId)
    return waiter
  }
}
