import type { Conversation, Message } from '@tieline/client'
import { useEffect, useState } from 'react'
import type { Translate } from '../i18n/i18n'
import { nameOf } from '../list/rows'
import { spanName } from './spans'

/** Names of a group's members by id; nobody in a direct chat, where there is only one other. */
export function useNames(conversation: Conversation | null): ReadonlyMap<string, string> {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const count = conversation?.memberCount
  useEffect(() => {
    if (conversation?.kind !== 'group' || count === undefined) return
    let wanted = true
    const read = async () => {
      const found = new Map<string, string>()
      let after: string | number | null | undefined
      do {
        const page = await conversation.members(after ?? undefined)
        for (const { user } of page.members) found.set(user.id, nameOf(user, user.id))
        after = page.next
      } while (after && wanted)
      if (wanted) setNames(found)
    }
    read().catch(() => {})
    return () => {
      wanted = false
    }
  }, [conversation, count])
  return names
}

/** A notice of the chat itself, in words. */
export function systemText({ system, fromUser }: Message, called: (id: string) => string, t: Translate): string {
  const name = called(fromUser ?? '')
  const users = [...(system?.users ?? []), ...(system?.user ? [system.user] : [])].map(called).join(', ')
  switch (system?.kind) {
    case 'created':
      return t('system.created', { name })
    case 'named':
      return t('system.named', { name, text: system.name ?? '' })
    case 'added':
      return t('system.added', { name, text: users })
    case 'removed':
      return t('system.removed', { name, text: users })
    case 'left':
      return t('system.left', { name })
    case 'joined':
      return t('system.joined', { name })
    case 'disappear':
      return system.seconds ? t('system.disappear', { name, text: spanName(system.seconds, t) }) : t('system.disappearOff', { name })
    default:
      return t('system.changed', { name })
  }
}
