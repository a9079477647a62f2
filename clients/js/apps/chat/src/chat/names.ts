import type { Conversation, Message } from '@tieline/client'
import { useEffect, useState } from 'react'
import type { Translate } from '../i18n/i18n'
import { nameOf } from '../list/rows'
import { spanName } from './spans'

export interface Members {
  names: ReadonlyMap<string, string>
  pictures: ReadonlyMap<string, string | null>
}

/** A group's members by id; nobody in a direct chat, where there is only one other. */
export function useMembers(conversation: Conversation | null): Members {
  const [members, setMembers] = useState<Members>({ names: new Map(), pictures: new Map() })
  const count = conversation?.memberCount
  useEffect(() => {
    if (conversation?.kind !== 'group' || count === undefined) return
    let wanted = true
    const read = async () => {
      const names = new Map<string, string>()
      const pictures = new Map<string, string | null>()
      let after: string | number | null | undefined
      do {
        const page = await conversation.members(after ?? undefined)
        for (const { user } of page.members) {
          names.set(user.id, nameOf(user, user.id))
          pictures.set(user.id, user.avatar ?? null)
        }
        after = page.next
      } while (after && wanted)
      if (wanted) setMembers({ names, pictures })
    }
    read().catch(() => {})
    return () => {
      wanted = false
    }
  }, [conversation, count])
  return members
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
    case 'avatar':
      return t(system.avatar ? 'system.picture' : 'system.pictureRemoved', { name })
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
