import type { Conversation, Message } from '@tieline/client'
import { useChat } from '@tieline/react'
import { useRouter } from 'expo-router'
import { useEffect } from 'react'
import { Platform } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { pathOf } from '../list/paths'
import { oneLine, rowOf } from '../list/rows'

/** What a notification says and where it leads, null where there is to be none. */
export function noteOf(conversation: Conversation, message: Message, hidden: boolean, t: Parameters<typeof oneLine>[1]) {
  if (!hidden || message.mine || message.system || conversation.muted) return null
  const { id, name } = rowOf(conversation, null)
  // One of a chat is enough: a later one takes its place, and sounds again.
  return { title: name, body: oneLine(message, t) || t('notify.hidden'), tag: id, path: pathOf(id, message.id) }
}

/** Notifications while the page lives and nobody looks at it. The service worker shows them: phones know no others, and it leads back here. */
export function useNotifications(): void {
  const chat = useChat()
  const router = useRouter()
  const { t } = useI18n()
  useEffect(() => {
    if (Platform.OS !== 'web' || !chat || typeof Notification === 'undefined' || !navigator.serviceWorker) return
    const { serviceWorker } = navigator
    const off = chat.on('message', ({ conversation, message }) => {
      const note = noteOf(conversation, message, document.visibilityState !== 'visible', t)
      if (!note || Notification.permission !== 'granted') return
      const { title, body, tag, path } = note
      const options = { body, tag, renotify: true, icon: '/icon-192.png', data: { path } }
      void serviceWorker.ready.then((worker) => worker.showNotification(title, options)).catch(() => {})
    })
    const opened = ({ data }: MessageEvent) => {
      if (data?.type === 'open' && typeof data.path === 'string') router.navigate(data.path as never)
    }
    const looked = () => {
      if (document.visibilityState !== 'visible') return
      void serviceWorker.ready.then((worker) => worker.getNotifications()).then((notes) => notes.forEach((note) => void note.close()))
    }
    serviceWorker.addEventListener('message', opened)
    document.addEventListener('visibilitychange', looked)
    return () => {
      off()
      serviceWorker.removeEventListener('message', opened)
      document.removeEventListener('visibilitychange', looked)
    }
  }, [chat, router, t])
}
