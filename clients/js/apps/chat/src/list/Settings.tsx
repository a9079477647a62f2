import { useChat } from '@tieline/react'
import { usePathname, useRouter } from 'expo-router'
import { useState } from 'react'
import { View } from 'react-native'
import { forgetDrafts } from '../chat/drafts'
import { Found } from '../chat/Found'
import { useFeatures } from '../chat/presence'
import { languages, useI18n } from '../i18n/i18n'
import { useSession } from '../session/session'
import { type Scheme, useTheme } from '../theme/theme'
import { space } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { Button } from '../ui/Button'
import { Choices } from '../ui/Choices'
import { Confirm } from '../ui/Confirm'
import { Dialog } from '../ui/Dialog'
import { Txt } from '../ui/Txt'
import { NotifySetting } from './NotifySetting'
import { PrivacySetting } from './PrivacySetting'
import { pathOf } from './paths'
import { rowOf } from './rows'

/** Who I am, how the app looks and speaks, and the way out. */
export function Settings({ onClose }: { onClose(): void }) {
  const { t, code, setLanguage } = useI18n()
  const { scheme, setScheme } = useTheme()
  const { account, leave } = useSession()
  const chat = useChat()
  const router = useRouter()
  const path = usePathname()
  const offers = useFeatures()
  const [leaving, setLeaving] = useState(false)
  const [starred, setStarred] = useState(false)
  if (!account) return null
  const signOut = () => {
    forgetDrafts()
    void chat?.signOut()
    leave()
    router.replace('/')
  }
  if (leaving)
    return (
      <Confirm
        title={t('auth.signOut')}
        text={t('auth.signOutAsk')}
        action={t('auth.signOut')}
        onConfirm={signOut}
        onClose={() => setLeaving(false)}
      />
    )
  if (starred)
    return (
      <Found
        title={t('starred.title')}
        none={t('starred.none')}
        icon="star"
        load={async () => (await chat!.starred()).found}
        onOpen={({ conversation, message }) => router.navigate(pathOf(rowOf(conversation, null).id, message.id) as never)}
        onClose={onClose}
      />
    )
  return (
    <Dialog title={t('menu.settings')} onClose={onClose}>
      <View style={{ flexDirection: 'row', gap: space.m, alignItems: 'center' }}>
        <Avatar id={account.id} name={account.name} picture={account.avatar} size={56} />
        <View style={{ flex: 1, minWidth: 0 }}>
          <Txt as="heading" numberOfLines={1}>
            {account.name}
          </Txt>
          <Txt as="small" color="muted" numberOfLines={1}>
            {[account.username && `@${account.username}`, account.email].filter(Boolean).join(' · ')}
          </Txt>
        </View>
      </View>
      <Choices<Scheme>
        label={t('settings.theme')}
        value={scheme}
        choices={[
          ['auto', t('settings.auto')],
          ['light', t('settings.light')],
          ['dark', t('settings.dark')],
        ]}
        onChoose={setScheme}
      />
      <Choices
        label={t('settings.language')}
        value={code}
        choices={Object.entries(languages).map(([key, language]) => [key as typeof code, language] as const)}
        onChoose={setLanguage}
      />
      <NotifySetting />
      <PrivacySetting />
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s, marginTop: space.s }}>
        {offers.has('star') && <Button title={t('starred.title')} kind="soft" icon="star" onPress={() => setStarred(true)} />}
        <Button
          title={t('net.title')}
          kind="soft"
          icon="signal"
          onPress={() => {
            onClose()
            router.navigate({ pathname: '/connection', params: { from: path } })
          }}
        />
        <Button title={t('auth.signOut')} kind="danger" icon="signout" onPress={() => setLeaving(true)} />
      </View>
    </Dialog>
  )
}
