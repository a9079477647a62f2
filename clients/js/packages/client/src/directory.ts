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
  protected override _listed(all: Conversation[]): Conversation[] {
    return all
      .filter(({ last, left, draft, kind, name }) => !left && (last || draft || (kind === 'group' && name)))
      .sort((a, b) => b.activity - a.activity)
  }

  _describe(wires: readonly WireConversation[], anew = false): void {
    for (const wire of wires) {
      this.#activity = Math.max(this.#activity, wire.activity ?? 0)
      const conversation = wire.user && wire.kind !== 'group' ? this.with(wire.user.id) : this.in(wire.conversation)
      if (wire.last) this.me ??= meIn(wire)
      conversation._describe(wire, anew)
    }
  }

  override of(wire: WireMessage): Conversation {
    const { conversation, to_user } = wire
    // Before it is known who we are, it is whoever the app already has a chat with.
    if (!this.me && to_user && this._byPeer.has(to_user) && !this._byConversation.has(conversation)) return this.with(to_user)
    return super.of(wire)
  }

  /** A message event of the log. */
  _receive(wire: WireMessage): Conversation {
    const conversation = this.of(wire)
    conversation._receive(wire, ++this.#activity)
    return conversation
  }

  /** What else the log says of a conversation that is known; an unknown one has nothing to change. */
  _apply(frame: Frame): void {
    const { type, seq = 0 } = frame
    if (type === 'conversation') return this._describe([frame.conversation as unknown as WireConversation])
    if (type === 'relation') return this._byPeer.get(frame.user ?? '')?._relation(frame)
    const conversation = this._byConversation.get(frame.conversation ?? '')
    if (type === 'receipt') conversation?._receipt(frame)
    else if (type === 'cleared') conversation?._clearedUpTo(seq)
    else if (type === 'update') conversation?._updated(frame as Frame & WireMessage)
    else if (type === 'hidden') conversation?._hid(seq)
    else if (type === 'starred') conversation?._starredIs(seq, frame.starred === true)
    else if (type === 'draft') conversation?._draftIs(frame.message ?? null, frame.reply_to ?? null)
  }

  /** A message that may be of any time, with the chat it is in. */
  _found(wire: WireMessage): { conversation: Conversation; message: Message } {
    const conversation = this.of(wire)
    conversation.conversation ??= wire.conversation
    return { conversation, message: conversation._peek(wire) }
  }

  _typing({ conversation, user }: Frame): void {
    if (user) this._byConversation.get(conversation ?? '')?._typingIs(user)
  }

  override _forget(): void {
    super._forget()
    this.next = undefined
  }
}

function meIn({ user, last }: WireConversation): string | null {
  if (!user || !last) return null
  return last.from_user === user.id ? last.to_user : last.from_user
}
