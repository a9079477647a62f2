import type { Conversation, Message } from '@tieline/client'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n'
import { useAnnounce } from '../ui/Announcer'
import { Button } from '../ui/Button'
import { Choices } from '../ui/Choices'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { Txt } from '../ui/Txt'

type Reason = 'spam' | 'abuse' | 'other'

/** Tells the moderators about a message or a person. */
export function Report({ conversation, message, onClose }: { conversation: Conversation; message?: Message | undefined; onClose(): void }) {
  const { t } = useI18n()
  const { show } = useAnnounce()
  const [reason, setReason] = useState<Reason>('spam')
  const [text, setText] = useState('')
  const send = () => {
    const said = text.trim()
    conversation.flag(reason, { ...(message && { message }), ...(said && { text: said }) }).then(
      () => show(t('person.reported')),
      (error: Error) => show(t('do.failed', { why: error.message })),
    )
    onClose()
  }
  return (
    <Dialog title={t('person.report')} onClose={onClose}>
      <Txt color="muted">{t('person.reportAsk')}</Txt>
      <Choices<Reason>
        label={t('person.reportWhy')}
        value={reason}
        choices={[
          ['spam', t('person.spam')],
          ['abuse', t('person.abuse')],
          ['other', t('person.other')],
        ]}
        onChoose={setReason}
      />
      <Field label={t('person.reportWhy')} hideLabel value={text} onChangeText={setText} multiline />
      <Button title={t('person.report')} kind="danger" icon="flag" onPress={send} />
    </Dialog>
  )
}
