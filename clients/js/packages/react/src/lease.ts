import type { Chat } from '@tieline/client'

/** Longer than React takes between the two mounts of StrictMode, or between two screens. */
const LINGER_MS = 1_000

interface Lease {
  readonly chat: Chat
  users: number
  closing?: ReturnType<typeof setTimeout>
}

const leases = new Map<string, Lease>()

/** The client under `key`, made if there is none, or one that has ended and that nobody holds. Nobody holds it yet: without `hold` it closes after a second. */
export function lease(key: string, make: () => Chat): Chat {
  let entry = leases.get(key)
  if (!entry || (entry.chat.ended && !entry.users)) {
    clearTimeout(entry?.closing)
    entry = { chat: make(), users: 0 }
    leases.set(key, entry)
    hold(key)()
  }
  return entry.chat
}

/** Keeps the client under `key` open until the returned function is called. */
export function hold(key: string): () => void {
  const entry = leases.get(key)!
  clearTimeout(entry.closing)
  entry.users++
  return () => {
    if (--entry.users) return
    entry.closing = setTimeout(() => {
      leases.delete(key)
      entry.chat.close()
    }, LINGER_MS)
  }
}
