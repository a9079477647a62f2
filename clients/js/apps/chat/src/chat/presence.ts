import { useChat } from '@tieline/react'
import { useEffect, useState, useSyncExternalStore } from 'react'

const NOBODY: ReadonlySet<string> = new Set()
const MOST = 200

/** Who of these people is online, watched while mounted. */
export function usePresence(people: readonly string[]): ReadonlySet<string> {
  const chat = useChat()
  const [online, setOnline] = useState(NOBODY)
  const key = people.slice(0, MOST).join('\n')
  useEffect(() => {
    if (!chat || !key) return setOnline(NOBODY)
    const watched = key.split('\n')
    const read = () => {
      const now = watched.filter((id) => chat.presence(id)?.online)
      setOnline((before) => (before.size === now.length && now.every((id) => before.has(id)) ? before : new Set(now)))
    }
    const unwatch = chat.watch(watched)
    const off = chat.on('presence', read)
    read()
    return () => {
      off()
      unwatch()
    }
  }, [chat, key])
  return online
}

const NONE: ReadonlySet<string> = new Set()

/** What the server offers. What is not in it is not shown. */
export function useFeatures(): ReadonlySet<string> {
  const chat = useChat()
  return useSyncExternalStore(
    (changed) => chat?.on('state', changed) ?? (() => {}),
    () => chat?.features ?? NONE,
    () => NONE,
  )
}
