import type { Conversation } from './conversation.js'
import type { Directory } from './directory.js'
import type { WireConversation, WirePerson } from './frames.js'
import type { Http } from './http.js'
import { ChatError } from './message.js'
import type { Room } from './room.js'

/** What is asked about people and conversations over HTTP, whatever the line is. */
export class People {
  #http: Http
  #directory: Directory
  /** Who has no name yet, and whether it may be a request. */
  readonly unmet = new Map<Conversation, boolean>()

  constructor(http: Http, directory: Directory) {
    this.#http = http
    this.#directory = directory
  }

  /** @throws when there is no answer */
  async find(query: string): Promise<readonly WirePerson[]> {
    const { body } = await this.#http.call('GET', `/people?q=${encodeURIComponent(query)}`)
    return (body?.people as WirePerson[] | undefined) ?? []
  }

  /** Somebody wrote of whom nothing is known but the id. `asks`: it may be a request, which only the list says. */
  async meet(conversation: Conversation, asks: boolean): Promise<void> {
    conversation.user ??= { id: conversation.id }
    this.unmet.set(conversation, asks)
    try {
      const { status, body } = await this.#http.call('GET', asks ? '/conversations' : `/people/${encodeURIComponent(conversation.id)}`)
      if (status === 200 && asks) this.#directory._describe(body!.conversations as WireConversation[])
      else if (status === 200) conversation._introduce(body as unknown as WirePerson)
      if (status === 200 || status === 404) this.unmet.delete(conversation)
    } catch {
      // A name can wait: it is asked for again when there is a line.
    }
  }

  /** There is a line: what could not be asked before can be now. A line that goes on where it was brings no names. */
  again(): void {
    for (const [conversation, asks] of this.unmet) void this.meet(conversation, asks)
  }

  /** @throws ChatError */
  async relate(conversation: Room, what: 'block' | 'mute', on: boolean): Promise<void> {
    const path = `/${on ? '' : 'un'}${what}/${encodeURIComponent(conversation.id)}`
    const { status, body } = await this.#http.call(on ? 'POST' : 'DELETE', path)
    // Blocking twice is refused by v1's rules, and is what was wanted.
    if (status >= 300 && status !== 400 && !(status === 404 && !on)) throw new ChatError(String(body?.code ?? status), String(body?.detail ?? status))
    const { blocked, muted } = conversation
    conversation._relation({ type: 'relation', blocked, muted, [what === 'block' ? 'blocked' : 'muted']: on })
  }

  /** The next page of the list of conversations. False when all are here. @throws when there is no answer */
  async more(): Promise<boolean> {
    const { next } = this.#directory
    if (next === null) return false
    const body = await this.#http._need('GET', `/conversations${next ? `?before=${next}` : ''}`, 'conversations')
    this.#directory.next = body.next ?? null
    this.#directory._describe(body.conversations as WireConversation[])
    return this.#directory.next !== null
  }
}
