import type { Conversation, Message, Person } from '@tieline/client'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useChat } from './provider.js'

const NONE: readonly Message[] = []

/** A conversation as it is now, and what can be done in it. The functions stay the same from render to render. */
export interface ConversationView extends Pick<Conversation, 'send' | 'retry' | 'discard' | 'loadOlder' | 'markRead'> {
  /** Stored messages by seq, then those on their way. */
  readonly messages: readonly Message[]
  readonly unread: number
  /** The other person, null while unknown. */
  readonly user: Person | null
  /** True when the newest page of history is here. */
  readonly loaded: boolean
  /** True when `loadOlder` would give more. */
  readonly hasMore: boolean
  readonly muted: boolean
  readonly blocked: boolean
}

/**
 * The chat with a person, kept up to date while mounted; mounting it loads the newest messages.
 * @param person account id
 */
export function useConversation(person: string): ConversationView {
  const chat = useChat()
  const conversation = useMemo(() => chat?.with(person), [chat, person])
  const subscribe = useCallback((changed: () => void) => conversation?.on('change', changed) ?? (() => {}), [conversation])
  const messages = useSyncExternalStore(
    subscribe,
    () => conversation?.messages ?? NONE,
    () => NONE,
  )
  const actions = useMemo(() => {
    const there = () => {
      if (!conversation) throw new Error('There is no chat while rendering on a server.')
      return conversation
    }
    return {
      send: (...args: Parameters<Conversation['send']>) => there().send(...args),
      retry: (clientId: string) => there().retry(clientId),
      discard: (clientId: string) => there().discard(clientId),
      loadOlder: () => there().loadOlder(),
      markRead: (seq?: number) => there().markRead(seq),
    }
  }, [conversation])
  return {
    ...actions,
    messages,
    unread: conversation?.unread ?? 0,
    user: conversation?.user ?? null,
    loaded: conversation?.loaded ?? false,
    hasMore: conversation?.hasMore ?? false,
    muted: conversation?.muted ?? false,
    blocked: conversation?.blocked ?? false,
  }
}
