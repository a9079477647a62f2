import type { Thread } from '@tieline/client/core'
import { useConversations } from './useconversations.js'

/** All chats with a message. */
export const useThreads: () => readonly Thread[] = useConversations
