import type { Presence } from '@tieline/client'
import { useCallback, useSyncExternalStore } from 'react'
import { useChat } from './provider.js'

/** Whether a person is online, watched while mounted; null while unknown, and for null. */
export function usePresence(user: string | null): Presence | null {
  const chat = useChat()
  const subscribe = useCallback(
    (changed: () => void) => {
      if (!chat || user === null) return () => {}
      const unwatch = chat.watch([user])
      const off = chat.on('presence', (event) => event.user === user && changed())
      return () => {
        off()
        unwatch()
      }
    },
    [chat, user],
  )
  return useSyncExternalStore(
    subscribe,
    () => (user === null ? null : (chat?.presence(user) ?? null)),
    () => null,
  )
}
