import type { Conversation, Message } from '@tieline/client'
import { useConversations } from '@tieline/react'
import { useI18n } from '../i18n/i18n'
import { rowOf } from '../list/rows'
import { radius, space } from '../theme/tokens'
import { useAnnounce } from '../ui/Announcer'
import { Avatar } from '../ui/Avatar'
import { Dialog } from '../ui/Dialog'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'

/** Chooses the chat that gets a copy. */
export function Forward({ message, onClose }: { message: Message; onClose(): void }) {
  const { t } = useI18n()
  const { show } = useAnnounce()
  const chats = useConversations().filter(({ blocked }) => !blocked)
  const choose = (conversation: Conversation, name: string) => {
    conversation.forward(message)
    show(t('do.forwardedTo', { name }))
    onClose()
  }
  return (
    <Dialog title={t('do.forwardTo')} onClose={onClose}>
      {chats.map((conversation) => {
        const { id, name, avatar } = rowOf(conversation, null)
        return (
          <Press
            key={id}
            accessibilityLabel={name}
            onPress={() => choose(conversation, name)}
            style={{ flexDirection: 'row', alignItems: 'center', gap: space.m, padding: space.s, borderRadius: radius.m }}
          >
            <Avatar id={id} name={name} picture={avatar} size={40} />
            <Txt as="strong" numberOfLines={1}>
              {name}
            </Txt>
          </Press>
        )
      })}
    </Dialog>
  )
}
