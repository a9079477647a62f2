import type { Frame, WireMessage } from './frames.js'
import type { Pending } from './outbox.js'

/** Never steps back: sending, sent (stored at the server), delivered (a device of the other has it), read; or failed. */
export type MessageState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** Why a message failed. `code` is stable (protocol/errors.md, or `not_confirmed` with an old server). */
export class ChatError extends Error {
  override name = 'ChatError'
  declare readonly code: string

  constructor(code: string, message: string) {
    super(message)
    // The wire's may be a number.
    this.code = `${code}`
  }
}

/** Of an `error` frame. */
export function errorOf({ code, message }: Frame): ChatError {
  return new ChatError(code as string, message ?? (code as string))
}

export interface Quote {
  readonly id: string
  readonly fromUser: string
  readonly text: string
}

export interface Reaction {
  readonly emoji: string
  readonly count: number
  /** At most 20 of them. */
  readonly users: readonly string[]
}

/** A file with a message. While it is on its way there is no `url`, and `progress` says how far it is. */
export interface Attachment {
  /** The server's id; while it is uploaded a name of this client's own. */
  readonly id: string
  readonly kind: 'image' | 'file' | 'voice'
  readonly name: string | null
  /** Media type. */
  readonly type: string
  /** Bytes. */
  readonly size: number
  readonly width?: number
  readonly height?: number
  readonly durationMs?: number
  /** A tiny picture to show until the real one is here, as a data URL. */
  readonly blur?: string
  /** Signed, and good for a short time: take it from the newest message object. */
  readonly url?: string | undefined
  readonly thumbUrl?: string | undefined
  /** 0 to 1 while it is uploaded. */
  readonly progress?: number
  /** What is uploaded, to show it before the server has it. */
  readonly source?: Blob | { readonly uri: string }
}

export interface SystemNotice {
  readonly kind: 'created' | 'named' | 'avatar' | 'added' | 'removed' | 'left' | 'joined' | 'role' | 'disappear' | 'announcements' | (string & {})
  readonly users?: readonly string[]
  readonly user?: string
  readonly role?: string
  readonly name?: string
  readonly seconds?: number
  readonly on?: boolean
  readonly [field: string]: unknown
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
  /** The beginning of the message that this one answers, as it was then. */
  readonly quote: Quote | null
  readonly forwarded: boolean
  /** Account ids of members who are meant by name. */
  readonly mentions: readonly string[]
  readonly reactions: readonly Reaction[]
  readonly attachments: readonly Attachment[]
  /** An object of the host app (a post, an order), as it was sent. */
  readonly card: Readonly<Record<string, unknown>> | null
  readonly pinnedAt: string | null
  /** When a disappearing message goes. */
  readonly expiresAt: string | null
  /** Marked by this account, seen by nobody else. */
  readonly starred: boolean
  /** A notice of the chat itself (somebody was added, the name is another one): no text of a person. */
  readonly system: SystemNotice | null
  readonly state: MessageState
  /** Set when `state` is `failed`. */
  readonly error: ChatError | null
}

/** What `send` gives: the message as it is at once, and a promise for the stored one. */
export interface SentMessage extends Message {
  /** Resolves when the server has it on disk. Rejects with a {@link ChatError} only when it failed for good or was discarded. */
  readonly stored: Promise<Message>
}

const BLANK: Message = {
  clientId: '',
  id: null,
  seq: null,
  fromUser: null,
  mine: true,
  text: '',
  createdAt: '',
  editedAt: null,
  deleted: false,
  replyTo: null,
  quote: null,
  forwarded: false,
  mentions: [],
  reactions: [],
  attachments: [],
  card: null,
  pinnedAt: null,
  expiresAt: null,
  starred: false,
  system: null,
  state: 'sending',
  error: null,
}

/** The wire's names as the app has them: `from_user` is `fromUser`, and what somebody wrote is `text`. What is null is left to the default. */
export function fromSnake(wire: unknown, key = ''): unknown {
  // An object of the host app stays as it is.
  if (!wire || typeof wire !== 'object' || key === 'card') return wire
  if (Array.isArray(wire)) return wire.map((item) => fromSnake(item))
  const made: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(wire))
    if (value != null) made[name === 'message' ? 'text' : name.replace(/_./g, (part) => part[1]!.toUpperCase())] = fromSnake(value, name)
  return made
}

export function fromWire(
  { type: _, pos, conversation, to, to_user, forward_of, ...fields }: WireMessage & { type?: string; pos?: number; to?: string; forward_of?: string },
  mine: boolean,
  state: MessageState,
): Message {
  return { ...BLANK, ...(fromSnake(fields) as Partial<Message>), mine, state }
}

export function fromPending({ draft, at }: Pending): Message {
  return fromWire({ ...draft, created_at: new Date(at).toISOString() } as unknown as WireMessage, true, 'sending')
}
