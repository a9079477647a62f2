import type { Conversation } from '@tieline/client'
import { useI18n } from '../i18n/i18n'
import { useAnnounce } from '../ui/Announcer'
import { Choices } from '../ui/Choices'
import { Dialog } from '../ui/Dialog'
import { Txt } from '../ui/Txt'
import { SPANS, spanName } from './spans'

/** How long later messages of a chat stay. */
export function Disappear({ conversation, seconds, onClose }: { conversation: Conversation; seconds: number; onClose(): void }) {
  const { t } = useI18n()
  const { show } = useAnnounce()
  return (
    <Dialog title={t('disappear.title')} onClose={onClose}>
      <Txt color="muted">{t('disappear.hint')}</Txt>
      <Choices
        label={t('disappear.title')}
        value={String(seconds)}
        choices={Object.keys(SPANS).map((span) => [span, spanName(Number(span), t)] as const)}
        onChoose={(span) => {
          conversation.disappear(Number(span)).catch((error: Error) => show(t('do.failed', { why: error.message })))
          onClose()
        }}
      />
    </Dialog>
  )
}
