import type { Message } from '@tieline/client'
import { dayKey } from '../i18n/time'

/** What stands in the list of a chat: days, the line before what is unread, and messages with their place in a run of one sender. */
export type Item =
  | { kind: 'start'; key: 'start'; loading: boolean }
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: 'unread' }
  | { kind: 'system'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean }

const RUN_MS = 5 * 60_000

interface From {
  /** True when there are older ones at the server. */
  hasMore: boolean
  loaded: boolean
  /** The divider stands after this seq; null: nowhere. */
  readSeq: number | null
}

/** Lays messages out, oldest first. What has not changed keeps its object, so that only what changed is drawn again. */
export function layOut(messages: readonly Message[], { hasMore, loaded, readSeq }: From, before?: ReadonlyMap<string, Item>): Item[] {
  const items: Item[] = []
  const put = (item: Item) => items.push(same(before?.get(item.key), item))
  if (loaded || hasMore) put({ kind: 'start', key: 'start', loading: hasMore })
  let divided = readSeq === null
  for (const [at, message] of messages.entries()) {
    const previous = messages[at - 1]
    const next = messages[at + 1]
    const day = dayKey(message.createdAt)
    const newDay = !previous || dayKey(previous.createdAt) !== day
    if (newDay) put({ kind: 'day', key: `day-${day}`, at: message.createdAt })
    let divider = false
    if (!divided && !message.mine && message.seq !== null && message.seq > readSeq!) {
      divided = divider = true
      put({ kind: 'unread', key: 'unread' })
    }
    if (message.system) {
      put({ kind: 'system', key: message.clientId, message })
      continue
    }
    const first = newDay || divider || !runsOn(previous, message)
    const last = !next || dayKey(next.createdAt) !== day || !runsOn(message, next)
    put({ kind: 'message', key: message.clientId, message, first, last })
  }
  return items
}

function runsOn(a: Message | undefined, b: Message): boolean {
  if (!a || a.system || b.system || a.mine !== b.mine || (!a.mine && a.fromUser !== b.fromUser)) return false
  return Date.parse(b.createdAt) - Date.parse(a.createdAt) < RUN_MS
}

function same(before: Item | undefined, item: Item): Item {
  if (before?.kind !== item.kind) return item
  const a = before as Record<string, unknown>
  return Object.entries(item).every(([name, value]) => a[name] === value) ? before : item
}
