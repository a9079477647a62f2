import { useChat } from '@tieline/react'
import { useRouter } from 'expo-router'
import { useEffect } from 'react'
import { Platform } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { pathOf } from '../list/paths'
import { oneLine, rowOf } from '../list/rows'

/** Notifications while the page lives and nobody looks at it. */
export function useNotifications(): void {
  const chat = useChat()
  const router = useRouter()
  const { t } = useI18n()
  useEffect(() => {
    if (Platform.OS !== 'web' || !chat || typeof Notification === 'undefined') return
    return chat.on('message', ({ conversation, message }) => {
      if (message.mine || conversation.muted || message.system || document.visibilityState === 'visible' || Notification.permission !== 'granted')
        return
      const { id, name } = rowOf(conversation, null)
      const note = new Notification(name, { body: oneLine(message, t) || t('notify.hidden'), tag: id, icon: '/icon-192.png' })
      note.onclick = () => {
        window.focus()
        router.navigate(pathOf(id) as never)
        note.close()
      }
    })
  }, [chat, router, t])
}
