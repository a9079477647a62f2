import { Conversation, type ConversationParts } from './conversation.js'
import type { Frame, WireConversation, WireMessage } from './frames.js'
import type { Message } from './message.js'
import type { Thread } from './thread.js'

/** All conversations that are known, by person and by the server's id. */
export class Directory {
  /** This account's id, once a line has said it. */
  me: string | undefined
  /** The `before` of the next page of conversations; null when all are here, undefined before the first snapshot. */
  next: number | string | null | undefined
  #parts: ConversationParts
  #byPeer = new Map<string, Conversation>()
  #byConversation = new Map<string, Conversation>()
  #list: readonly Conversation[] | undefined
  #activity = 0

  constructor(parts: ConversationParts) {
    this.#parts = parts
  }

  /** The direct chat with a person. */
  with(person: string): Conversation {
    let conversation = this.#byPeer.get(person)
    if (!conversation) this.#byPeer.set(person, (conversation = new Conversation(person, 'direct', this.#parts)))
    return conversation
  }

  /** A conversation by the server's id: a group unless it is known as something else. */
  in(id: string): Conversation {
    let conversation = this.#byConversation.get(id)
    if (!conversation) {
      conversation = new Conversation(id, 'group', this.#parts)
      conversation.conversation = id
      this.#byConversation.set(id, conversation)
    }
    return conversation
  }

  /** Newest first: those with a message. The same array until something changes. */
  get list(): readonly Conversation[] {
    return (this.#list ??= this.all()
      .filter(({ last, left, draft, kind, name }) => !left && (last || draft || (kind === 'group' && name)))
      .sort((a, b) => b.activity - a.activity))
  }

  all(): Conversation[] {
    return [...new Set([...this.#byPeer.values(), ...this.#byConversation.values()])]
  }

  changed(conversation: Thread): void {
    if (conversation.conversation) this.#byConversation.set(conversation.conversation, conversation as Conversation)
    this.#list = undefined
  }

  describe(wires: readonly WireConversation[], anew = false): void {
    for (const wire of wires) {
      this.#activity = Math.max(this.#activity, wire.activity ?? 0)
      const conversation = wire.user && wire.kind !== 'group' ? this.with(wire.user.id) : this.in(wire.conversation)
      if (wire.last) this.me ??= meIn(wire)
      conversation.describe(wire, anew)
    }
  }

  /** A message event of the log. */
  receive(wire: WireMessage): Conversation {
    const conversation = this.#of(wire)
    conversation.receive(wire, ++this.#activity)
    return conversation
  }

  /** What else the log says of a conversation that is known; an unknown one has nothing to change. */
  apply(frame: Frame): void {
    if (frame.type === 'conversation') return this.describe([frame.conversation as unknown as WireConversation])
    const conversation = this.#byConversation.get(frame.conversation ?? '')
    if (frame.type === 'receipt') conversation?.receipt(frame)
    else if (frame.type === 'cleared') conversation?.clearedUpTo(frame.seq ?? 0)
    else if (frame.type === 'update') conversation?.updated(frame as Frame & WireMessage)
    else if (frame.type === 'hidden') conversation?.hid(frame.seq ?? 0)
    else if (frame.type === 'starred') conversation?.starredIs(frame.seq ?? 0, frame.starred === true)
    else if (frame.type === 'draft') conversation?.draftIs(frame.message ?? null, frame.reply_to ?? null)
    else if (frame.type === 'relation') this.#byPeer.get(frame.user ?? '')?.relation(frame)
  }

  /** A message that may be of any time, with the chat it is in. */
  found(wire: WireMessage): { conversation: Conversation; message: Message } {
    const conversation = this.#of(wire)
    conversation.conversation ??= wire.conversation
    return { conversation, message: conversation.peek(wire) }
  }

  typing({ conversation, user }: Frame): void {
    if (user) this.#byConversation.get(conversation ?? '')?.typingIs(user)
  }

  forget(): void {
    for (const conversation of this.all()) conversation.reset()
    this.#byConversation.clear()
    this.#byPeer.clear()
    this.#list = undefined
    this.me = this.next = undefined
  }

  #of({ conversation, from_user, to_user }: WireMessage): Conversation {
    const known = this.#byConversation.get(conversation)
    if (known) return known
    if (to_user === null) return this.in(conversation)
    // The other one of the two; before it is known who we are, whoever the app already has a chat with.
    const mine = this.me ? from_user === this.me : this.#byPeer.has(to_user)
    return this.with(mine ? to_user : from_user)
  }
}

function meIn({ user, last }: WireConversation): string | undefined {
  if (!user || !last) return undefined
  return (last.from_user === user.id ? last.to_user : last.from_user) ?? undefined
}
