import type { Message, Thread } from '@tieline/client/core'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useChat } from './provider.js'

const NONE: readonly Message[] = []

/** A chat's messages as they are now, and how to write in it. */
export interface ThreadView extends Pick<Thread, 'send' | 'retry' | 'discard' | 'loadOlder' | 'loaded' | 'hasMore'> {
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
  const subscribe = useCallback((changed: () => void) => thread?.on('change', changed) ?? (() => {}), [thread])
  const messages = useSyncExternalStore(
    subscribe,
    () => thread?.messages ?? NONE,
    () => NONE,
  )
  const actions = useMemo(() => {
    const there = () => {
      if (!thread) throw new Error('There is no chat while rendering on a server.')
      return thread
    }
    return {
      send: (...args: Parameters<Thread['send']>) => there().send(...args),
      retry: (clientId: string) => there().retry(clientId),
      discard: (clientId: string) => there().discard(clientId),
      loadOlder: () => there().loadOlder(),
    }
  }, [thread])
  return { ...actions, messages, loaded: thread?.loaded ?? false, hasMore: thread?.hasMore ?? false }
}
