/** The wire of protocol/README.md (v2): one JSON object per frame, the same over every transport. */

export interface WireMessage {
  conversation: string
  seq: number
  id: string
  client_id: string
  from_user: string
  /** null in groups */
  to_user: string | null
  message: string
  created_at: string
  edited_at?: string | null
  deleted?: boolean
  reply_to?: string | null
  /** What `reply_to` said when it was answered. */
  quote?: { id: string; from_user: string; message: string } | null
  forwarded?: boolean
  mentions?: string[] | null
  reactions?: { emoji: string; count?: number; users: string[] }[] | null
  attachments?: WireAttachment[] | null
  card?: Record<string, unknown> | null
  pinned_at?: string | null
  expires_at?: string | null
  system?: Record<string, unknown> | null
  starred?: boolean
}

export interface WireAttachment {
  id: string
  kind?: string
  name?: string | null
  type?: string
  size?: number
  width?: number
  height?: number
  duration_ms?: number
  blur?: string
  url?: string
  thumb_url?: string
}

export interface WirePerson {
  id: string
  name?: string | null
  username?: string | null
  avatar?: string | null
  account_type?: string | null
}

export interface WireConversation {
  conversation: string
  kind: string
  user?: WirePerson | null
  activity?: number
  head_seq: number
  unread: number
  last: WireMessage | null
  read_seq: number
  delivered_seq?: number
  peer_read_seq: number
  peer_delivered_seq: number
  muted: boolean
  blocked: boolean
  muted_until?: string | null
  name?: string | null
  avatar?: string | null
  role?: 'owner' | 'admin' | 'member'
  members?: number
  announcements?: boolean
  history?: 'joined' | 'all'
  disappear_s?: number | null
  draft?: { message: string; reply_to?: string | null } | null
  request?: boolean
  left?: boolean
}

/** Any frame: `type` decides which other fields mean something. A field of an unknown type is ignored. */
export interface Frame extends Partial<Omit<WireMessage, 'message' | 'conversation'>> {
  type: string
  /** Of a message its text, of an error its sentence, of a `draft` the text or null. */
  message?: string
  /** An id; in a `conversation` frame a {@link WireConversation}: see `described`. */
  conversation?: string
  pos?: number
  epoch?: string
  resumed?: boolean
  ping_s?: number
  in_s?: number
  more?: boolean
  next?: number | string | null
  code?: string | number
  retryable?: boolean
  retry_after_ms?: number
  duplicate?: boolean
  user?: string
  delivered_seq?: number
  read_seq?: number
  blocked?: boolean
  muted?: boolean
  conversations?: WireConversation[]
  messages?: WireMessage[]
  frames?: Frame[]
  [field: string]: unknown
}

/** The frame in `text`, or undefined for what is no JSON object with a type: it is ignored, the line goes on. */
export function decode(text: unknown): Frame | undefined {
  const frame = parse(text)
  return frame?.type ? frame : undefined
}

export function parse(text: unknown): Frame | undefined {
  try {
    return JSON.parse(text as string) as Frame
  } catch {
    return undefined
  }
}
