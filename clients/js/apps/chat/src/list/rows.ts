import type { Conversation, Message } from '@tieline/client'
import type { SavedRow } from '../cache/cache'
import type { Translate } from '../i18n/i18n'
import { GROUP } from './paths'

/** A chat as its row shows it, live or as it was last seen here. */
export interface Row extends SavedRow {
  draft: string | null
  typing: boolean
}

/** How somebody is called: by name, else by username, else by id. */
export const nameOf = (user: { id: string; name?: string | null; username?: string | null } | null | undefined, id: string) =>
  user?.name || user?.username || id

export function rowOf(conversation: Conversation, draft: string | null): Row {
  const { id, kind, user, last, unread, muted, blocked } = conversation
  return {
    id: kind === 'group' ? GROUP + id : id,
    kind,
    name: kind === 'group' ? conversation.name || id : nameOf(user, id),
    avatar: (kind === 'group' ? conversation.avatar : user?.avatar) ?? null,
    last,
    unread,
    muted,
    blocked,
    draft: draft ?? conversation.draft?.text ?? null,
    typing: conversation.typing.length > 0,
  }
}

/** What a message says in one line. */
export function oneLine(message: Message, t: Translate): string {
  if (message.deleted) return t('chat.deleted')
  const text = message.text.replace(/\s+/g, ' ').trim()
  if (text) return text
  const kind = (message.attachments?.[0] as { kind?: string } | undefined)?.kind
  if (kind) return t(kind === 'image' ? 'chat.picture' : kind === 'voice' ? 'chat.voice' : 'chat.file')
  return message.card ? t('chat.card') : ''
}

/** Every word of the query somewhere in the text, whatever the case and the accents. */
export function matches(text: string, query: string): boolean {
  const plain = (value: string) => value.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
  const where = plain(text)
  return plain(query)
    .split(/\s+/)
    .every((word) => where.includes(word))
}
