import type { Conversation } from './conversation.js'
import type { Frame, WireConversation, WireMessage } from './frames.js'
import type { Message } from './message.js'
import { Threads } from './threads.js'

/** The list of conversations, and what the log says of them. */
export class Directory extends Threads<Conversation> {
  /** The `before` of the next page of conversations; null when all are here, undefined before the first snapshot. */
  next: number | string | null | undefined
  #activity = 0

  /** Newest first: those with a message, a draft, or a name. */
  protected override listed(all: Conversation[]): Conversation[] {
    return all
      .filter(({ last, left, draft, kind, name }) => !left && (last || draft || (kind === 'group' && name)))
      .sort((a, b) => b.activity - a.activity)
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
    const conversation = this.of(wire)
    conversation.receive(wire, ++this.#activity)
    return conversation
  }

  /** What else the log says of a conversation that is known; an unknown one has nothing to change. */
  apply(frame: Frame): void {
    const { type, seq = 0 } = frame
    if (type === 'conversation') return this.describe([frame.conversation as unknown as WireConversation])
    if (type === 'relation') return this.byPeer.get(frame.user ?? '')?.relation(frame)
    const conversation = this.byConversation.get(frame.conversation ?? '')
    if (type === 'receipt') conversation?.receipt(frame)
    else if (type === 'cleared') conversation?.clearedUpTo(seq)
    else if (type === 'update') conversation?.updated(frame as Frame & WireMessage)
    else if (type === 'hidden') conversation?.hid(seq)
    else if (type === 'starred') conversation?.starredIs(seq, frame.starred === true)
    else if (type === 'draft') conversation?.draftIs(frame.message ?? null, frame.reply_to ?? null)
  }

  /** A message that may be of any time, with the chat it is in. */
  found(wire: WireMessage): { conversation: Conversation; message: Message } {
    const conversation = this.of(wire)
    conversation.conversation ??= wire.conversation
    return { conversation, message: conversation.peek(wire) }
  }

  typing({ conversation, user }: Frame): void {
    if (user) this.byConversation.get(conversation ?? '')?.typingIs(user)
  }

  override forget(): void {
    super.forget()
    this.next = undefined
  }
}

function meIn({ user, last }: WireConversation): string | null {
  if (!user || !last) return null
  return last.from_user === user.id ? last.to_user : last.from_user
}
