import type { Conversation } from '@tieline/client'
import { useCallback, useSyncExternalStore } from 'react'
import { useChat } from './provider.js'

const NONE: readonly Conversation[] = []

/** All conversations with a message, newest first. */
export function useConversations(): readonly Conversation[] {
  const chat = useChat()
  const subscribe = useCallback((changed: () => void) => chat?.on('conversations', changed) ?? (() => {}), [chat])
  return useSyncExternalStore(
    subscribe,
    () => chat?.conversations ?? NONE,
    () => NONE,
  )
}
