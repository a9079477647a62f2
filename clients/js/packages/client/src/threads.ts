import type { WireMessage } from './frames.js'
import type { Pending } from './outbox.js'
import type { Thread } from './thread.js'

/** All chats that are known, by person and by the server's id. */
export class Threads<T extends Thread> {
  /** This account's id, null before a line has said it. */
  me: string | null = null
  protected readonly _byPeer = new Map<string, T>()
  protected readonly _byConversation = new Map<string, T>()
  #make: (id: string, kind: T['kind']) => T
  #list: readonly T[] | undefined

  constructor(make: (id: string, kind: T['kind']) => T) {
    this.#make = make
  }

  /** The direct chat with a person. */
  with(person: string): T {
    return this.#in(this._byPeer, person, 'direct')
  }

  /** A chat by the server's id: a group unless it is known as something else. */
  in(id: string): T {
    return this.#in(this._byConversation, id, 'group')
  }

  /** Where something is to go. */
  to({ draft: { to, conversation } }: Pending): T {
    return to ? this.with(to) : this.in(conversation!)
  }

  all(): T[] {
    return [...new Set([...this._byPeer.values(), ...this._byConversation.values()])]
  }

  /** What a list shows. The same array until something changes. */
  get list(): readonly T[] {
    return (this.#list ??= this._listed(this.all()))
  }

  _changed(thread: T): void {
    if (thread.conversation) this._byConversation.set(thread.conversation, thread)
    this.#list = undefined
  }

  of({ conversation, from_user, to_user }: WireMessage): T {
    const known = this._byConversation.get(conversation)
    if (known || to_user === null) return known ?? this.in(conversation)
    // The other one of the two.
    return this.with(from_user === this.me ? to_user : from_user)
  }

  _forget(): void {
    for (const thread of this.all()) thread._reset()
    this._byConversation.clear()
    this._byPeer.clear()
    this.me = null
    this.#list = undefined
  }

  protected _listed(all: T[]): T[] {
    return all.filter(({ last }) => last)
  }

  #in(map: Map<string, T>, id: string, kind: T['kind']): T {
    const thread = map.get(id) ?? this.#make(id, kind)
    map.set(id, thread)
    return thread
  }
}
