import type { Frame, WireMessage } from './frames.js'
import type { Pending } from './outbox.js'

/** Never steps back: sending, sent (stored at the server), delivered (a device of the other has it), read; or failed. */
export type MessageState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** Why a message failed. `code` is stable (protocol/errors.md, or `not_confirmed` with an old server). */
export class ChatError extends Error {
  override name = 'ChatError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** One message as it is now. A change makes a new object with the same `clientId`; an object never changes. */
export interface Message {
  /** Made once by the sender's client: the key under which a list keeps this message, from sending to read. */
  readonly clientId: string
  /** The server's id; null while sending or failed. */
  readonly id: string | null
  /** Number in its conversation, dense from 1; null while sending or failed. */
  readonly seq: number | null
  /** Account id of the sender; null on a message of ours that is not stored yet. */
  readonly fromUser: string | null
  /** Sent by this account, from this device or another. */
  readonly mine: boolean
  readonly text: string
  /** When it was stored, or when it was written while it is on its way. UTC, ISO 8601. */
  readonly createdAt: string
  readonly editedAt: string | null
  /** A tombstone: text, card and attachments are gone. */
  readonly deleted: boolean
  readonly replyTo: string | null
  readonly attachments: readonly unknown[] | null
  /** An object of the host app (a post, an order), as it was sent. */
  readonly card: Readonly<Record<string, unknown>> | null
  readonly state: MessageState
  /** Set when `state` is `failed`. */
  readonly error: ChatError | null
}

/** What `send` gives: the message as it is at once, and a promise for the stored one. */
export interface SentMessage extends Message {
  /** Resolves when the server has it on disk. Rejects with a {@link ChatError} only when it failed for good or was discarded. */
  readonly stored: Promise<Message>
}

export function fromWire(wire: WireMessage, mine: boolean, state: MessageState): Message {
  return {
    clientId: wire.client_id,
    id: wire.id,
    seq: wire.seq,
    fromUser: wire.from_user,
    mine,
    text: wire.message,
    createdAt: wire.created_at,
    editedAt: wire.edited_at ?? null,
    deleted: wire.deleted ?? false,
    replyTo: wire.reply_to ?? null,
    attachments: wire.attachments ?? null,
    card: wire.card ?? null,
    state,
    error: null,
  }
}

export function fromPending({ draft, at }: Pending): Message {
  return {
    clientId: draft.client_id,
    id: null,
    seq: null,
    fromUser: null,
    mine: true,
    text: draft.message,
    createdAt: new Date(at).toISOString(),
    editedAt: null,
    deleted: false,
    replyTo: draft.reply_to ?? null,
    attachments: draft.attachments ?? null,
    card: draft.card ?? null,
    state: 'sending',
    error: null,
  }
}

/** One of ours as the server has it: what we wrote with what the answer says. A `message` frame says it all itself. */
export function storedWire({ draft, at }: Pending, stored: Frame, known: { conversation: string | null; me: string | undefined }): WireMessage {
  const { client_id, to, message, reply_to, attachments, card } = draft
  const wire: WireMessage = {
    client_id,
    conversation: stored.conversation ?? known.conversation ?? '',
    id: stored.id!,
    seq: stored.seq!,
    from_user: known.me ?? '',
    to_user: to ?? null,
    message,
    created_at: stored.created_at ?? new Date(at).toISOString(),
    reply_to: reply_to ?? null,
    attachments: attachments ?? null,
    card: card ?? null,
  }
  return stored.type === 'message' ? Object.assign(wire, stored) : wire
}
