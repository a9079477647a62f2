import type { Conversation, Message } from '@tieline/client'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { useAnnounce } from '../ui/Announcer'
import { type Anchor, type MenuItem, MenuList } from '../ui/Menu'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { copyText } from './clipboard'
import { QUICK } from './EmojiPicker'
import { useFeatures } from './presence'

interface Props {
  message: Message
  conversation: Conversation
  me: string
  at: Anchor
  onClose(): void
  onReply(message: Message): void
  onEdit(message: Message): void
  onDelete(message: Message): void
  onForward(message: Message): void
  onReport(message: Message): void
}

/** What can be done with a message: only what the server offers, and what this person may. */
export function MessageMenu({ message, conversation, me, at, onClose, onReply, onEdit, onDelete, onForward, onReport }: Props) {
  const { t } = useI18n()
  const { show } = useAnnounce()
  const offers = useFeatures()
  const { id, mine, deleted, text } = message
  const there = id !== null && !deleted
  const admin = conversation.role === 'owner' || conversation.role === 'admin'
  const direct = conversation.kind === 'direct'
  const attempt = (work: Promise<void>) => void work.catch((error: Error) => show(t('do.failed', { why: error.message })))
  const items: (MenuItem | false)[] = [
    there && offers.has('reply') && { key: 'reply', title: t('do.reply'), icon: 'reply', act: () => onReply(message) },
    text !== '' &&
      !deleted && { key: 'copy', title: t('do.copy'), icon: 'copy', act: () => attempt(copyText(text).then(() => show(t('do.copied')))) },
    there && offers.has('forward') && { key: 'forward', title: t('do.forward'), icon: 'forward', act: () => onForward(message) },
    there && mine && text !== '' && offers.has('edit') && { key: 'edit', title: t('do.edit'), icon: 'compose', act: () => onEdit(message) },
    there &&
      offers.has('pin') &&
      (direct || admin) && {
        key: 'pin',
        title: t(message.pinnedAt ? 'do.unpin' : 'do.pin'),
        icon: 'pin',
        act: () => attempt(conversation.pin(message, !message.pinnedAt)),
      },
    there &&
      offers.has('star') && {
        key: 'star',
        title: t(message.starred ? 'do.unstar' : 'do.star'),
        icon: 'star',
        act: () => attempt(conversation.star(message, !message.starred)),
      },
    there && !mine && offers.has('report') && { key: 'report', title: t('person.report'), icon: 'flag', act: () => onReport(message) },
    id !== null && offers.has('delete') && { key: 'delete', title: t('do.delete'), icon: 'trash', danger: true, act: () => onDelete(message) },
    message.state === 'failed' && {
      key: 'discard',
      title: t('chat.discard'),
      icon: 'trash',
      danger: true,
      act: () => conversation.discard(message.clientId),
    },
  ]
  const already = message.reactions?.find(({ users }) => users.includes(me))?.emoji
  const quick = there && offers.has('react') && (
    <View role="group" aria-label={t('do.react')} style={{ flexDirection: 'row', justifyContent: 'space-between', paddingBottom: 6 }}>
      {QUICK.map((emoji) => (
        <Press
          key={emoji}
          accessibilityLabel={emoji}
          aria-pressed={emoji === already}
          style={{ width: 35, height: 40, borderRadius: 10, alignItems: 'center', justifyContent: 'center' }}
          onPress={() => {
            onClose()
            attempt(conversation.react(message, emoji === already ? null : emoji))
          }}
        >
          <Txt as="title">{emoji}</Txt>
        </Press>
      ))}
    </View>
  )
  return <MenuList items={items.filter((item) => item !== false)} at={at} label={t('do.open')} onClose={onClose} above={quick} />
}
