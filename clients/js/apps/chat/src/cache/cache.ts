import type { Message } from '@tieline/client'
import { keep, kept } from '../session/store'

/** The list and the newest messages of recent chats as they were last seen here: what opens without a network. */
export interface Saved {
  account: string
  rows: SavedRow[]
  chats: Record<string, Message[]>
}

export interface SavedRow {
  id: string
  kind: 'direct' | 'group'
  name: string
  avatar: string | null
  last: Message | null
  unread: number
  muted: boolean
  blocked: boolean
}

const CHATS = 30
const MESSAGES = 40

let saved: Saved | null = null

export const cached = () => saved

/** Loads what was kept for an account; nothing of anybody else is ever shown. */
export async function load(account: string): Promise<Saved | null> {
  if (saved?.account === account) return saved
  const text = await kept('cache')
  try {
    const was = text ? (JSON.parse(text) as Saved) : null
    saved = was?.account === account ? was : null
  } catch {
    saved = null
  }
  return saved
}

let timer: ReturnType<typeof setTimeout> | undefined

/** Keeps the list, and the messages of a chat that is open; written after a pause. */
export function save(account: string, change: { rows?: SavedRow[]; chat?: { id: string; messages: readonly Message[] } }): void {
  if (saved?.account !== account) saved = { account, rows: [], chats: {} }
  if (change.rows) saved.rows = change.rows.slice(0, 200)
  if (change.chat) {
    const { id, messages } = change.chat
    const { [id]: _, ...others } = saved.chats
    const stored = messages.filter(({ id }) => id !== null).slice(-MESSAGES)
    // The newest last, so that the oldest chats are the first to go.
    saved.chats = Object.fromEntries([...Object.entries(others).slice(-(CHATS - 1)), [id, stored]])
  }
  clearTimeout(timer)
  timer = setTimeout(() => void keep('cache', JSON.stringify(saved)), 500)
}

export async function forget(): Promise<void> {
  clearTimeout(timer)
  saved = null
  await keep('cache', null)
}
