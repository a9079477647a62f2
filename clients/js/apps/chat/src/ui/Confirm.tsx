import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { space } from '../theme/tokens'
import { Button } from './Button'
import { Dialog } from './Dialog'
import { Txt } from './Txt'

interface Props {
  title: string
  text: string
  action: string
  onConfirm(): void
  onClose(): void
}

/** Asked before something that cannot be taken back. */
export function Confirm({ title, text, action, onConfirm, onClose }: Props) {
  const { t } = useI18n()
  return (
    <Dialog title={title} onClose={onClose}>
      <Txt color="muted">{text}</Txt>
      <View style={{ flexDirection: 'row', justifyContent: 'flex-end', flexWrap: 'wrap', gap: space.s, marginTop: space.s }}>
        <Button title={t('do.cancel')} kind="plain" onPress={onClose} />
        <Button
          title={action}
          kind="danger"
          onPress={() => {
            onClose()
            onConfirm()
          }}
        />
      </View>
    </Dialog>
  )
}
