import type { Conversation } from './conversation.js'
import type { Message } from './message.js'
import type { Presence } from './presence.js'

/** What others may see. Who hides something does not see it of others either, where the server is set so. */
export interface Privacy {
  readonly receipts: boolean
  readonly online: boolean
  readonly lastSeen: boolean
  readonly typing: boolean
}

export interface SearchQuery {
  /** Words in any order; the last one may be unfinished. Empty only with `from` or `has`. */
  text: string
  conversation?: Conversation
  /** Account id of who wrote it. */
  from?: string
  after?: Date
  before?: Date
  has?: 'image'
  limit?: number
  /** `next` of the page before. */
  cursor?: string
}

export interface StarredQuery {
  /** `next` of the page before. */
  before?: string
  limit?: number
}

export interface FoundMessage {
  readonly conversation: Conversation
  readonly message: Message
}

export interface FoundPage {
  readonly found: readonly FoundMessage[]
  /** For the next page, null at the end. */
  readonly next: string | null
}

export interface NewGroup {
  name: string
  members: readonly string[]
  avatar?: string
  announcements?: boolean
  /** What new members see. Default: what comes after they joined. */
  history?: 'joined' | 'all'
}

export interface FeatureEvents {
  /** Somebody who is watched came or went. */
  presence: { user: string; presence: Presence | null }
  /** What others may see of this account is another thing, perhaps by another device. */
  privacy: Privacy
}
