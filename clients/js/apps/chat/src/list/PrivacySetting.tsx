import type { Privacy } from '@tieline/client'
import { useChat } from '@tieline/react'
import { useEffect, useState } from 'react'
import { View } from 'react-native'
import { useFeatures } from '../chat/presence'
import { useI18n } from '../i18n/i18n'
import { useAnnounce } from '../ui/Announcer'
import { Switch } from '../ui/Switch'
import { Txt } from '../ui/Txt'

const SWITCHES = ['receipts', 'online', 'lastSeen', 'typing'] as const

/** What others may see. What the server does not know of is not shown. */
export function PrivacySetting() {
  const { t } = useI18n()
  const { show } = useAnnounce()
  const chat = useChat()
  const offered = useFeatures().has('privacy')
  const [privacy, setPrivacy] = useState<Privacy | null>(chat?.privacy ?? null)
  useEffect(() => {
    if (!chat || !offered) return
    void chat.loadPrivacy().then(setPrivacy, () => {})
    return chat.on('privacy', setPrivacy)
  }, [chat, offered])
  if (!chat || !offered || !privacy) return null
  const change = (name: keyof Privacy, on: boolean) => {
    const before = privacy
    setPrivacy({ ...privacy, [name]: on })
    chat.setPrivacy({ [name]: on }).catch((error: Error) => {
      setPrivacy(before)
      show(t('do.failed', { why: error.message }))
    })
  }
  return (
    <View>
      <Txt as="label" color="muted">
        {t('settings.privacy')}
      </Txt>
      {SWITCHES.map((name) => (
        <Switch key={name} label={t(`settings.${name}`)} on={privacy[name]} onChange={(on) => change(name, on)} />
      ))}
    </View>
  )
}
