import type { Conversation } from '@tieline/client'
import { useI18n } from '../i18n/i18n'
import { useAnnounce } from '../ui/Announcer'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'

const HOUR = 3_600_000
const SPANS = { hours: 8 * HOUR, week: 7 * 24 * HOUR, always: null } as const

/** For how long a chat is silent. */
export function Mute({ conversation, onClose }: { conversation: Conversation; onClose(): void }) {
  const { t } = useI18n()
  const { show } = useAnnounce()
  const mute = (ms: number | null) => {
    conversation.mute(ms === null ? 'always' : new Date(Date.now() + ms)).catch((error: Error) => show(t('do.failed', { why: error.message })))
    onClose()
  }
  return (
    <Dialog title={t('person.mute')} onClose={onClose}>
      {(['hours', 'week', 'always'] as const).map((span) => (
        <Button key={span} title={t(`mute.${span}`)} kind="soft" onPress={() => mute(SPANS[span])} />
      ))}
    </Dialog>
  )
}
