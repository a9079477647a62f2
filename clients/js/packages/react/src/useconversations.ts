import type { Conversation } from '@tieline/client'
import { useChat } from './provider.js'
import { useSource } from './usesource.js'

const NONE: readonly Conversation[] = []

/** All conversations with a message, newest first. */
export function useConversations(): readonly Conversation[] {
  return useSource(useChat(), 'conversations', ({ conversations }) => conversations, NONE)
}
