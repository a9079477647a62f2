import type { Conversation, DraftText, Message, Person, Presence } from '@tieline/client'
import { useMemo } from 'react'
import { useChat } from './provider.js'
import { usePresence } from './usepresence.js'
import { useActions, useSource } from './usesource.js'

const NONE: readonly Message[] = []
const NOBODY: readonly string[] = []

const ACTIONS = [
  'send',
  'retry',
  'discard',
  'loadOlder',
  'markRead',
  'forward',
  'edit',
  'delete',
  'react',
  'pin',
  'star',
  'pins',
  'setDraft',
  'setTyping',
  'disappear',
  'mute',
  'block',
  'clear',
  'flag',
] as const

/** A conversation as it is now, and what can be done in it. The functions stay the same from render to render. */
export interface ConversationView extends Pick<Conversation, (typeof ACTIONS)[number]> {
  /** For all that is not here (a group's members, its name): null while rendering on a server. */
  readonly conversation: Conversation | null
  /** Stored messages by seq, then those on their way. */
  readonly messages: readonly Message[]
  readonly unread: number
  /** Everything up to this `seq` has been seen: the divider goes after it. */
  readonly readSeq: number
  /** The other person, null while unknown and in groups. */
  readonly user: Person | null
  /** Of a group. */
  readonly name: string | null
  /** True when the newest page of history is here. */
  readonly loaded: boolean
  /** True when `loadOlder` would give more. */
  readonly hasMore: boolean
  readonly muted: boolean
  readonly blocked: boolean
  /** Account ids of those who write now. */
  readonly typing: readonly string[]
  /** Whether the other person is online, null while unknown and in groups. */
  readonly presence: Presence | null
  readonly draft: DraftText | null
  /** Later messages disappear this many seconds after they are stored; 0 for never. */
  readonly disappearS: number
}

/**
 * A chat, kept up to date while mounted; mounting it loads the newest messages.
 * @param chatOf account id of the other person, or a conversation (for groups: one of `useConversations`, or `chat.conversation(id)`)
 */
export function useConversation(chatOf: string | Conversation): ConversationView {
  const chat = useChat()
  const conversation = useMemo(() => (typeof chatOf === 'string' ? chat?.with(chatOf) : chatOf), [chat, chatOf])
  const messages = useSource(conversation, 'change', (conversation) => conversation.messages, NONE)
  const presence = usePresence(conversation?.kind === 'direct' ? conversation.id : null)
  return {
    ...useActions(conversation, ACTIONS),
    conversation: conversation ?? null,
    messages,
    unread: conversation?.unread ?? 0,
    readSeq: conversation?.readSeq ?? 0,
    user: conversation?.user ?? null,
    name: conversation?.name ?? null,
    loaded: conversation?.loaded ?? false,
    hasMore: conversation?.hasMore ?? false,
    muted: conversation?.muted ?? false,
    blocked: conversation?.blocked ?? false,
    typing: conversation?.typing ?? NOBODY,
    presence,
    draft: conversation?.draft ?? null,
    disappearS: conversation?.disappearS ?? 0,
  }
}
