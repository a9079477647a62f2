import { useState } from 'react'
import { Platform, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { space } from '../theme/tokens'
import { Button } from '../ui/Button'
import { Txt } from '../ui/Txt'

/** Notifications of the browser while the page lives. Asked for only when somebody presses the button. */
export function NotifySetting() {
  const { t } = useI18n()
  const there = Platform.OS === 'web' && typeof Notification !== 'undefined'
  const [permission, setPermission] = useState(there ? Notification.permission : 'denied')
  if (!there) return null
  return (
    <View style={{ gap: space.s }}>
      <Txt as="label" color="muted">
        {t('settings.notify')}
      </Txt>
      {permission === 'default' ? (
        <Button
          title={t('settings.notifyAsk')}
          kind="soft"
          icon="bell"
          style={{ alignSelf: 'flex-start' }}
          onPress={() => void Notification.requestPermission().then(setPermission)}
        />
      ) : (
        <Txt>{t(permission === 'granted' ? 'settings.notifyOn' : 'settings.notifyDenied')}</Txt>
      )}
    </View>
  )
}
