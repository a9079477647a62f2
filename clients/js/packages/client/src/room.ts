import type { Frame, WireConversation, WireMessage, WirePerson } from './frames.js'
import type { Message, MessageState } from './message.js'
import { Thread } from './thread.js'
import type { ThreadClient } from './threadclient.js'

/** A command that is told again until the server has it. */
export type Telling = (type: 'read' | 'clear', thread: Thread, seq: number) => void

const RANK: Record<MessageState, number> = { failed: 0, sending: 1, sent: 2, delivered: 3, read: 4 }

/** One chat as an entry of a list: with its place, what was read of it, and what this account holds against it. */
export class Room extends Thread {
  /** Messages of others after what was read. */
  unread = 0
  readSeq = 0
  muted = false
  /** This account blocks the other person. */
  blocked = false
  /** This account is no longer a member. */
  left = false
  /** Orders the list of conversations: larger is newer. */
  activity = 0

  #say: Telling
  #peerRead = 0
  #peerDelivered = 0
  #cleared = 0

  /** @internal */
  constructor(id: string, kind: 'direct' | 'group', client: ThreadClient, say: Telling) {
    super(id, kind, client)
    this.#say = say
  }

  /** The person has seen everything up to `seq`, by default all there is. Clears `unread` at once; told when there is a line. */
  markRead(seq = this.headSeq): void {
    if (seq <= this.readSeq) return
    this.#readUpTo(seq)
    this.#say('read', this, seq)
    this._changed()
  }

  /** Hides everything up to now from this account. The other side keeps it. */
  clear(): void {
    const seq = this.headSeq
    this.#say('clear', this, seq)
    this._clearedUpTo(seq)
  }

  // What follows is called by the client as the wire speaks.

  /** @internal */
  override _describe(wire: WireConversation, anew: boolean): void {
    this.headSeq = wire.head_seq
    this.unread = wire.unread
    this.readSeq = anew ? wire.read_seq : Math.max(wire.read_seq, this.readSeq)
    if (this.readSeq >= this.headSeq) this.unread = 0
    this.muted = wire.muted
    this.blocked = wire.blocked
    this.activity = Math.max(wire.activity ?? 0, anew ? 0 : this.activity)
    this.#peerRead = wire.peer_read_seq ?? 0
    this.#peerDelivered = wire.peer_delivered_seq ?? 0
    this.left = wire.left ?? false
    super._describe(wire, anew)
  }

  /** @internal Who the other person is. */
  _introduce(user: WirePerson): void {
    this.user = user
    this._changed()
  }

  /** @internal */
  override _reset(): void {
    this.#cleared = 0
    super._reset()
  }

  /** @internal */
  override _receive(wire: WireMessage, activity: number): void {
    const { seq } = wire
    if (seq > this.headSeq) {
      this.headSeq = seq
      this.activity = activity
      if (this._see(wire).mine) this.#readUpTo(seq)
      else if (seq > this.readSeq) this.unread++
    }
    super._receive(wire)
  }

  /** @internal */
  _receipt({ user, delivered_seq = 0, read_seq = 0 }: Frame): void {
    const own = this.kind === 'direct' ? user !== this.id : user === this._client.me
    if (own) this.#readUpTo(read_seq)
    else {
      this.#peerDelivered = Math.max(this.#peerDelivered, delivered_seq, read_seq)
      this.#peerRead = Math.max(this.#peerRead, read_seq)
      this._stored.forEach((message, at) => {
        const state = this._stateOf(message.mine, message.seq!)
        if (RANK[state] > RANK[message.state]) this._put(at, { ...message, state })
      })
    }
    this._changed()
  }

  /** @internal */
  _clearedUpTo(seq: number): void {
    this.#cleared = Math.max(this.#cleared, seq)
    const gone = this._stored.filter((message) => message.seq! <= seq)
    this._stored = this._stored.filter((message) => message.seq! > seq)
    this.hasMore = false
    if ((this.last?.seq ?? 0) <= seq) this.last = null
    this.#readUpTo(seq)
    for (const message of gone) this._emit('removed', message)
    this._changed()
  }

  /** @internal */
  _relation({ blocked = false, muted = false }: Frame): void {
    this.blocked = blocked
    this.muted = muted
    this._changed()
  }

  /** @internal A message that is here is another one now, or is not to be seen any more (null). */
  protected _change(seq: number, changed: (message: Message) => Message | null): void {
    const at = this._stored.findIndex((message) => message.seq === seq)
    const message = this._stored[at]
    const next = message && changed(message)
    if (this.last?.seq === seq) this.last = changed(this.last) ?? this._stored[at - 1] ?? null
    if (next) this._put(at, next)
    else if (message) {
      this._stored.splice(at, 1)
      this._emit('removed', message)
    }
    this._changed()
  }

  /** @internal */
  protected override _stateOf(mine: boolean, seq: number): MessageState {
    if (!mine) return 'sent'
    return seq <= this.#peerRead ? 'read' : seq <= this.#peerDelivered ? 'delivered' : 'sent'
  }

  /** @internal */
  protected override _merge(messages: Message[]): Message[] {
    return super._merge(messages.filter(({ seq }) => seq! > this.#cleared))
  }

  #readUpTo(seq: number): void {
    if (seq <= this.readSeq) return
    this.readSeq = seq
    const covered = (this._stored[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq + 1
    if (seq >= this.headSeq) this.unread = 0
    else if (covered) this.unread = this._stored.filter((message) => !message.mine && message.seq! > seq).length
  }
}
