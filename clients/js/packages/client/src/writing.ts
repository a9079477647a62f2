import type { WirePerson } from './frames.js'
import { type Attachment, ChatError, type Message, type Quote } from './message.js'
import type { PendingFile } from './outbox.js'
import type { SendExtras } from './threadclient.js'

/** Characters. */
const QUOTED = 200

export type Role = 'owner' | 'admin' | 'member'

/** A file to send: what a file input gives, or on a device where it lies. */
export type FileToSend =
  | Blob
  | { file: Blob; name?: string; durationMs?: number; voice?: boolean }
  | { uri: string; name: string; type: string; size: number; durationMs?: number; voice?: boolean }

export interface MessageExtras extends SendExtras {
  /** Uploaded before the message goes; what is written to the same chat meanwhile waits behind it. With files the text may be empty. */
  files?: readonly FileToSend[]
  /** Account ids of members who are meant by name. */
  mentions?: readonly string[]
}

export interface DraftText {
  readonly text: string
  readonly replyTo: string | null
}

export interface Member {
  readonly user: WirePerson
  readonly role: Role
  readonly joinedAt: string
  readonly deliveredSeq: number
  readonly readSeq: number
}

export interface GroupChange {
  name?: string
  avatar?: string | null
  /** Only admins write. */
  announcements?: boolean
  /** What new members see. */
  history?: 'joined' | 'all'
}

export interface JoinLink {
  readonly code: string
  readonly expiresAt: string
}

/** When a mute ends: a time, `'always'`, or null for not muted. */
export type MuteUntil = Date | 'always' | null

/** What is known of a file before it is uploaded. */
export function fileOf(given: FileToSend, key: string): PendingFile {
  if ('uri' in given) {
    const { uri, name, type, size, durationMs, voice } = given
    return { key, name, type, size, source: { uri }, ...(durationMs && { duration_ms: durationMs }), ...(voice && { voice }) }
  }
  const {
    file,
    durationMs,
    voice,
    name = (file as Partial<File>).name ?? 'file',
  } = given instanceof Blob ? ({ file: given } as Exclude<FileToSend, Blob | { uri: string }>) : given
  return {
    key,
    name,
    type: file.type || 'application/octet-stream',
    size: file.size,
    source: file,
    ...(durationMs && { duration_ms: durationMs }),
    ...(voice && { voice }),
  }
}

export function shownFile({ key, name, type, size, duration_ms, source, voice }: PendingFile): Attachment {
  const kind = voice ? 'voice' : type.startsWith('image/') ? 'image' : 'file'
  return { id: key, kind, name, type, size, progress: 0, ...(duration_ms && { durationMs: duration_ms }), ...(source && { source }) }
}

export function notStored(): ChatError {
  return new ChatError('not_stored', 'This message is not stored yet.')
}

/** What an answer shows of the message it answers, until the server says it. */
export function quoteOf({ id, fromUser, text }: Message): Quote {
  return { id: id!, fromUser: fromUser ?? '', text: [...text].slice(0, QUOTED).join('') }
}

export function isOver({ expiresAt }: Message, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now
}

export function emptied(message: Message): Message {
  return { ...message, deleted: true, text: '', card: null, attachments: [], reactions: [], pinnedAt: null, quote: null }
}

export function reacted(reactions: Message['reactions'], me: string, emoji: string | null): Message['reactions'] {
  const others = reactions.map((one) =>
    one.users.includes(me) ? { ...one, count: one.count - 1, users: one.users.filter((user) => user !== me) } : one,
  )
  const rest = others.filter(({ count }) => count > 0)
  if (emoji === null) return rest
  const at = rest.findIndex((one) => one.emoji === emoji)
  if (at < 0) return [...rest, { emoji, count: 1, users: [me] }]
  return rest.map((one, index) => (index === at ? { ...one, count: one.count + 1, users: [...one.users, me] } : one))
}

/** As the wire has it: with six digits. */
export function wireTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z')
}

/** The far future means for good. */
export function endOf(until: string | null | undefined): string | null {
  return until && until < '9999' ? until : null
}
