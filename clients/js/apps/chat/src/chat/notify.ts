import type { Chat, Conversation, Message } from '@tieline/client'
import { useChat } from '@tieline/react'
import { useRouter } from 'expo-router'
import { useEffect } from 'react'
import { Platform } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { pathOf } from '../list/paths'
import { oneLine, rowOf } from '../list/rows'
import { firstToTell } from './told'

/** Of who writes for the first time there is nothing but an id at first. */
const isKnown = ({ kind, user }: Conversation) => kind === 'group' || !!user?.name

/** What a notification says and where it leads, null where there is to be none. */
export function noteOf(conversation: Conversation, message: Message, t: Parameters<typeof oneLine>[1]) {
  if (message.mine || message.system || conversation.muted) return null
  const { id, name } = rowOf(conversation, null)
  // One of a chat is enough: a later one takes its place, and sounds again.
  return {
    title: isKnown(conversation) ? name : t('notify.hidden'),
    body: oneLine(message, t) || t('notify.hidden'),
    tag: id,
    path: pathOf(id, message.id),
  }
}

const KNOWN_MS = 5_000

/** Somebody who writes for the first time has a name a moment later. */
function metIn(chat: Chat, conversation: Conversation): Promise<void> {
  if (isKnown(conversation)) return Promise.resolve()
  return new Promise((resolve) => {
    const over = () => {
      off()
      clearTimeout(timer)
      resolve()
    }
    const off = chat.on('conversations', () => isKnown(conversation) && over())
    const timer = setTimeout(over, KNOWN_MS)
  })
}

/**
 * Notifications while a page lives and nobody looks at any. The service worker shows them: phones know no others, it sees all pages at
 * once, and it leads back here.
 */
export function useNotifications(): void {
  const chat = useChat()
  const router = useRouter()
  const { t } = useI18n()
  useEffect(() => {
    if (Platform.OS !== 'web' || !chat || typeof Notification === 'undefined' || !navigator.serviceWorker) return
    const { serviceWorker } = navigator
    const off = chat.on('message', ({ conversation, message }) => {
      if (!noteOf(conversation, message, t) || !message.id || Notification.permission !== 'granted') return
      const tell = async () => {
        // What one tab shows or has told of is no news in another that hears of it later.
        const first = await firstToTell(message.id!).catch(() => true)
        if (!first || document.visibilityState === 'visible') return
        await metIn(chat, conversation)
        const { active } = await serviceWorker.ready
        active?.postMessage({ type: 'notify', ...noteOf(conversation, message, t) })
      }
      void tell().catch(() => {})
    })
    const heard = ({ data, ports }: MessageEvent) => {
      if (data?.type === 'looked') ports[0]?.postMessage(document.visibilityState === 'visible')
      if (data?.type === 'open' && typeof data.path === 'string') router.navigate(data.path as never)
    }
    const looked = () => {
      if (document.visibilityState !== 'visible') return
      void serviceWorker.ready.then((worker) => worker.getNotifications()).then((notes) => notes.forEach((note) => void note.close()))
    }
    serviceWorker.addEventListener('message', heard)
    document.addEventListener('visibilitychange', looked)
    return () => {
      off()
      serviceWorker.removeEventListener('message', heard)
      document.removeEventListener('visibilitychange', looked)
    }
  }, [chat, router, t])
}
