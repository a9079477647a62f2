import type { ConversationView } from '@tieline/react'
import { useRouter } from 'expo-router'
import { useState } from 'react'
import { View } from 'react-native'
import { isolate, useI18n } from '../i18n/i18n'
import { longWhen } from '../i18n/time'
import { themed, useTheme, useWide } from '../theme/theme'
import { space } from '../theme/tokens'
import { useAnnounce } from '../ui/Announcer'
import { Avatar } from '../ui/Avatar'
import { IconButton } from '../ui/Button'
import { Confirm } from '../ui/Confirm'
import { Icon } from '../ui/Icon'
import { type MenuItem, MoreMenu } from '../ui/Menu'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { Disappear } from './Disappear'
import { Found } from './Found'
import { GroupInfo } from './GroupInfo'
import { Mute } from './Mute'
import { Profile } from './Profile'
import { useFeatures } from './presence'
import { Report } from './Report'

interface Props {
  id: string
  name: string
  picture: string | null
  view: ConversationView
  /** Of a group's members, by id. */
  names: ReadonlyMap<string, string>
  /** Leads to a message of this chat. */
  onShow(id: string): void
}

/** Who the chat is with, and what can be done with the chat. */
export function ChatHead({ id, name, picture, view, names, onShow }: Props) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t, code } = useI18n()
  const wide = useWide()
  const router = useRouter()
  const { show } = useAnnounce()
  const [panel, setPanel] = useState<'profile' | 'mute' | 'clear' | 'block' | 'report' | 'pins' | 'disappear' | null>(null)
  const offers = useFeatures()
  const { conversation, presence } = view
  const group = conversation?.kind === 'group'
  const online = presence?.online ?? false
  const typing = view.typing.length > 0
  const under = typing
    ? group
      ? t('chat.typingWho', { name: isolate(view.typing.map((who) => names.get(who) ?? who).join(', ')) })
      : t('chat.typing')
    : group
      ? t('group.members', { count: conversation.memberCount })
      : online
        ? t('chat.online')
        : presence?.lastSeen
          ? t('chat.lastSeen', { when: longWhen(presence.lastSeen, code, t) })
          : ''
  const { muted, blocked } = view
  const attempt = (work: Promise<void> | undefined) => void work?.catch((error: Error) => show(t('do.failed', { why: error.message })))
  const all: (MenuItem | false)[] = [
    { key: 'profile', title: t(group ? 'group.info' : 'person.profile'), icon: 'person', act: () => setPanel('profile') },
    {
      key: 'mute',
      title: t(muted ? 'person.unmute' : 'person.mute'),
      icon: muted ? 'bell' : 'mute',
      act: () => (!muted && offers.has('mute_until') ? setPanel('mute') : attempt(conversation?.mute(!muted))),
    },
    offers.has('pin') && { key: 'pins', title: t('pins.title'), icon: 'pin', act: () => setPanel('pins') },
    offers.has('disappear') &&
      (!group || conversation.role !== 'member') && {
        key: 'disappear',
        title: t('disappear.title'),
        icon: 'timer',
        act: () => setPanel('disappear'),
      },
    { key: 'clear', title: t('person.clear'), icon: 'broom', act: () => setPanel('clear') },
    !group && offers.has('report') && { key: 'report', title: t('person.report'), icon: 'flag', act: () => setPanel('report') },
    !group && {
      key: 'block',
      title: t(blocked ? 'person.unblock' : 'person.block'),
      icon: 'block',
      danger: !blocked,
      act: () => (blocked ? attempt(conversation?.block(false)) : setPanel('block')),
    },
  ]
  const items = all.filter((item) => item !== false)
  return (
    <View style={styles.head}>
      {!wide && (
        <IconButton icon="back" mirror label={t('chat.back')} onPress={() => (router.canGoBack() ? router.back() : router.replace('/chat'))} />
      )}
      <View role="heading" aria-level={1} style={styles.heading}>
        <Press quiet onPress={() => setPanel('profile')} style={styles.who}>
          <Avatar id={id} name={name} picture={picture} size={40} online={online} />
          <View style={styles.words}>
            <View style={styles.line}>
              <Txt as="heading" numberOfLines={1} style={styles.name}>
                {name}
              </Txt>
              {(conversation?.disappearS ?? 0) > 0 && <Icon name="timer" size={15} color={colors.muted} />}
              {muted && <Icon name="mute" size={15} color={colors.muted} />}
              {blocked && <Icon name="block" size={15} color={colors.danger} />}
            </View>
            {under !== '' && (
              <Txt as="small" color={typing ? 'accent' : 'muted'} numberOfLines={1}>
                {under}
              </Txt>
            )}
          </View>
        </Press>
      </View>
      <MoreMenu items={items} />
      {panel === 'pins' && conversation && (
        <Found
          title={t('pins.title')}
          none={t('pins.none')}
          icon="pin"
          load={async () => (await conversation.pins()).map((message) => ({ conversation, message }))}
          onOpen={({ message }) => onShow(message.id!)}
          onClose={() => setPanel(null)}
        />
      )}
      {panel === 'mute' && conversation && <Mute conversation={conversation} onClose={() => setPanel(null)} />}
      {panel === 'disappear' && conversation && (
        <Disappear conversation={conversation} seconds={conversation.disappearS} onClose={() => setPanel(null)} />
      )}
      {panel === 'report' && conversation && <Report conversation={conversation} onClose={() => setPanel(null)} />}
      {panel === 'profile' && group && <GroupInfo conversation={conversation} onClose={() => setPanel(null)} />}
      {panel === 'profile' && !group && <Profile id={id} name={name} picture={picture} user={view.user} onClose={() => setPanel(null)} />}
      {panel === 'clear' && (
        <Confirm
          title={t('person.clear')}
          text={t('person.clearAsk', { name })}
          action={t('person.clear')}
          onConfirm={() => conversation?.clear()}
          onClose={() => setPanel(null)}
        />
      )}
      {panel === 'block' && (
        <Confirm
          title={t('person.block')}
          text={t('person.blockAsk', { name })}
          action={t('person.block')}
          onConfirm={() => attempt(conversation?.block())}
          onClose={() => setPanel(null)}
        />
      )}
    </View>
  )
}

const useStyles = themed((colors) => ({
  head: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.xs,
    minHeight: 64,
    paddingHorizontal: space.s,
    backgroundColor: colors.surface,
    borderBottomWidth: 1,
    borderBottomColor: colors.line,
  },
  heading: { flex: 1, minWidth: 0 },
  who: { flex: 1, minWidth: 0, flexDirection: 'row', alignItems: 'center', gap: space.m, padding: space.xs, borderRadius: 12 },
  words: { flex: 1, minWidth: 0 },
  line: { flexDirection: 'row', alignItems: 'center', gap: space.xs },
  name: { flexShrink: 1 },
}))
