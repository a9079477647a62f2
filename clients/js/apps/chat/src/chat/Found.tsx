import type { Conversation, Message } from '@tieline/client'
import { useEffect, useState } from 'react'
import { useI18n } from '../i18n/i18n'
import { shortWhen } from '../i18n/time'
import { oneLine, rowOf } from '../list/rows'
import { radius, space } from '../theme/tokens'
import { Dialog } from '../ui/Dialog'
import { EmptyState } from '../ui/EmptyState'
import { Press } from '../ui/Press'
import type { IconName } from '../ui/paths'
import { Txt } from '../ui/Txt'

export interface Hit {
  conversation: Conversation
  message: Message
}

interface Props {
  title: string
  none: string
  icon: IconName
  load(): Promise<readonly Hit[]>
  onOpen(hit: Hit): void
  onClose(): void
}

/** Messages that were collected: the pinned ones of a chat, or the starred ones of all. */
export function Found({ title, none, icon, load, onOpen, onClose }: Props) {
  const { t, code } = useI18n()
  const [hits, setHits] = useState<readonly Hit[] | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    load().then(setHits, (error: Error) => setProblem(error.message))
  }, [])
  return (
    <Dialog title={title} onClose={onClose}>
      {problem !== '' && (
        <Txt role="alert" color="danger">
          {t('do.failed', { why: problem })}
        </Txt>
      )}
      {hits?.length === 0 && <EmptyState icon={icon} title={title} hint={none} />}
      {hits?.map((hit) => {
        const { conversation, message } = hit
        const { name } = rowOf(conversation, null)
        return (
          <Press
            key={message.clientId}
            role="link"
            onPress={() => {
              onClose()
              onOpen(hit)
            }}
            style={{ padding: space.m, gap: 2, borderRadius: radius.m }}
          >
            <Txt as="tiny" color="muted">
              {message.mine ? t('chat.me') : name} · {shortWhen(message.createdAt, code, t)}
            </Txt>
            <Txt as="small" numberOfLines={3}>
              {oneLine(message, t)}
            </Txt>
          </Press>
        )
      })}
    </Dialog>
  )
}
