import type { Page } from './history.js'
import type { Message } from './message.js'
import type { Outbox } from './outbox.js'
import type { Thread } from './thread.js'

export interface ThreadEvents {
  /** A message of history, a live one, an own one, or one of these changed: take it by its `clientId`. Oldest first. */
  message: Message
  /** Anything of this conversation is another one: read `messages`, `unread`, ... anew. */
  change: Thread
  /** What was shown may have holes now (a restored server, a very long absence): clear, the newest messages follow. */
  reset: Thread
  /** A message is no longer part of the conversation: discarded before it was sent, or cleared. */
  removed: Message
}

/** What goes with a text. */
export interface SendExtras {
  /** `id` of the message that this one answers. */
  replyTo?: string
  /** An object of the host app. With a card the text may be empty. */
  card?: Record<string, unknown>
}

/** The rest of the client, as a chat's messages see it. */
export interface ThreadClient {
  /** This account's id, null while unknown. */
  readonly me: string | null
  readonly _outbox: Outbox
  _uuid(): string
  /** A page of messages, oldest first, before `beforeSeq` or the newest. @throws when it is not to be had now. */
  page(thread: Thread, beforeSeq: number | undefined): Promise<Page>
  _changedIn(thread: Thread): void
}
