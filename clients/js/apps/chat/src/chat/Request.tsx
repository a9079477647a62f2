import type { Conversation } from '@tieline/client'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed } from '../theme/theme'
import { space } from '../theme/tokens'
import { useAnnounce } from '../ui/Announcer'
import { Button } from '../ui/Button'
import { Txt } from '../ui/Txt'

/** Somebody unknown has written: taken as a chat, or blocked. Answering takes it too. */
export function Request({ conversation, name }: { conversation: Conversation; name: string }) {
  const styles = useStyles()
  const { t } = useI18n()
  const { show } = useAnnounce()
  const attempt = (work: Promise<void>) => void work.catch((error: Error) => show(t('do.failed', { why: error.message })))
  return (
    <View style={styles.all} role="group" aria-label={t('request.label')}>
      <Txt as="small" color="muted" center>
        {t('request.hint', { name })}
      </Txt>
      <View style={styles.row}>
        <Button title={t('person.block')} kind="danger" icon="block" onPress={() => attempt(conversation.block())} />
        <Button title={t('request.accept')} icon="check" onPress={() => attempt(conversation.accept())} />
      </View>
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { padding: space.l, gap: space.m, backgroundColor: colors.surface, borderTopWidth: 1, borderTopColor: colors.line },
  row: { flexDirection: 'row', justifyContent: 'center', flexWrap: 'wrap', gap: space.m },
}))
