import type { Message, Thread } from '@tieline/client/core'
import { useMemo } from 'react'
import { useChat } from './provider.js'
import { useActions, useSource } from './usesource.js'

const NONE: readonly Message[] = []
const ACTIONS = ['send', 'retry', 'discard', 'loadOlder'] as const

/** A chat's messages as they are now, and how to write in it. */
export interface ThreadView extends Pick<Thread, (typeof ACTIONS)[number] | 'loaded' | 'hasMore'> {
  /** Stored messages by seq, then those on their way. */
  readonly messages: readonly Message[]
}

/**
 * The messages of a chat, kept up to date while mounted; mounting it loads the newest ones. Works with either client.
 * @param person account id
 */
export function useThread(person: string): ThreadView {
  const chat = useChat()
  const thread: Thread | undefined = useMemo(() => chat?.with(person), [chat, person])
  const messages = useSource(thread, 'change', (thread) => thread.messages, NONE)
  return { ...useActions(thread, ACTIONS), messages, loaded: !!thread?.loaded, hasMore: !!thread?.hasMore }
}
