import type { Conversation, Message } from '@tieline/client'
import { useI18n } from '../i18n/i18n'
import { oneLine } from '../list/rows'
import { useAnnounce } from '../ui/Announcer'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Txt } from '../ui/Txt'

/** For whom a message is deleted. */
export function Delete({ conversation, message, onClose }: { conversation: Conversation; message: Message; onClose(): void }) {
  const { t } = useI18n()
  const { show } = useAnnounce()
  const everyone = !message.deleted && (message.mine || conversation.role === 'owner' || conversation.role === 'admin')
  const run = (whom: 'me' | 'all') => {
    conversation.delete(message, whom).catch((error: Error) => show(t('do.failed', { why: error.message })))
    onClose()
  }
  return (
    <Dialog title={t('do.delete')} onClose={onClose}>
      <Txt color="muted" numberOfLines={3}>
        {oneLine(message, t)}
      </Txt>
      {everyone && <Button title={t('do.deleteAll')} kind="danger" onPress={() => run('all')} />}
      <Button title={t('do.deleteMe')} kind="soft" onPress={() => run('me')} />
    </Dialog>
  )
}
