import type { FileToSend, Message } from '@tieline/client'
import { useChat, useConnection, useConversation } from '@tieline/react'
import { useRouter } from 'expo-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { KeyboardAvoidingView, Platform, View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { cached, save } from '../cache/cache'
import { useI18n } from '../i18n/i18n'
import { dayName } from '../i18n/time'
import { GROUP } from '../list/paths'
import { nameOf, oneLine } from '../list/rows'
import { useSession } from '../session/session'
import { themed } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { useAnnounce } from '../ui/Announcer'
import { EmptyState } from '../ui/EmptyState'
import type { Anchor } from '../ui/Menu'
import { Txt } from '../ui/Txt'
import { Bubble } from './Bubble'
import { ChatHead } from './ChatHead'
import { type About, Composer, type ComposerHandle } from './Composer'
import { Delete } from './Delete'
import { Forward } from './Forward'
import { type Item, layOut } from './items'
import type { MessageListHandle } from './list'
import { MessageList } from './MessageList'
import { MessageMenu } from './MessageMenu'
import { mentioned } from './mentions'
import { systemText, useMembers } from './names'
import { pickFiles } from './pick'
import { useFeatures } from './presence'
import { Report } from './Report'
import { Request } from './Request'

const NOBODY: readonly string[] = []

/** After so many pages of older messages one that is looked for is given up. */
const FAR = 400
const LIT_MS = 2_500

/** One chat: head, messages, and the box to write in. */
export function ChatScreen({ id, at }: { id: string; at?: string | undefined }) {
  const styles = useStyles()
  const { t, code } = useI18n()
  const insets = useSafeAreaInsets()
  const router = useRouter()
  const { account } = useSession()
  const { state } = useConnection()
  const chat = useChat()
  const view = useConversation(useMemo(() => (id.startsWith(GROUP) && chat ? chat.conversation(id.slice(GROUP.length)) : id), [chat, id]))
  const offers = useFeatures()
  const { say, show } = useAnnounce()
  const list = useRef<MessageListHandle>(null)
  const composer = useRef<ComposerHandle>(null)
  const me = account ? account.id : ''
  const known = view.messages.length > 0 || view.loaded
  const kept = useMemo(() => cached()?.chats[id] ?? [], [id])
  const messages = known ? view.messages : kept
  const row = useMemo(() => cached()?.rows.find((one) => one.id === id), [id])
  const name = view.name ?? (view.user ? nameOf(view.user, id) : (row?.name ?? id))

  // Where the unread ones begin is kept from when the chat was opened: it must not move while somebody reads.
  const [divider, setDivider] = useState(() => (view.loaded ? dividerOf(id, view.messages, view.unread) : null))
  const divided = useRef(view.loaded)
  if (!divided.current && view.loaded) {
    divided.current = true
    setDivider(dividerOf(id, view.messages, view.unread))
  }

  const before = useRef<ReadonlyMap<string, Item>>(new Map())
  const items = useMemo(() => {
    const next = layOut(messages, { hasMore: view.hasMore, loaded: view.loaded, readSeq: divider }, before.current)
    before.current = new Map(next.map((item) => [item.key, item]))
    return next
  }, [messages, view.hasMore, view.loaded, divider])

  const [atEnd, setAtEnd] = useState(true)
  const [missed, setMissed] = useState(0)
  const newest = view.messages.at(-1)
  const heard = useRef<number | null>(null)
  useEffect(() => {
    const seq = [...view.messages].reverse().find((message) => message.seq !== null)?.seq ?? null
    if (heard.current !== null && seq !== null && seq > heard.current) {
      const fresh = view.messages.filter((message) => !message.mine && message.seq !== null && message.seq > heard.current!)
      if (!atEnd) setMissed((count) => count + fresh.length)
      for (const message of fresh) say(`${name}: ${oneLine(message, t)}`)
    }
    if (view.loaded) heard.current = seq ?? 0
  }, [view.messages, view.loaded, atEnd, name, say, t])

  // Read is what was in sight of somebody who is here.
  useEffect(() => {
    const read = () => {
      if (view.loaded && atEnd && (Platform.OS !== 'web' || document.visibilityState === 'visible')) view.markRead()
    }
    read()
    if (Platform.OS !== 'web') return
    document.addEventListener('visibilitychange', read)
    return () => document.removeEventListener('visibilitychange', read)
  }, [view, atEnd, newest?.seq])

  useEffect(() => {
    if (view.loaded) save(me, { chat: { id, messages: view.messages } })
  }, [view.loaded, view.messages, me, id])

  const { names, pictures } = useMembers(view.conversation)
  const [about, setAbout] = useState<(About & { message: Message }) | null>(null)
  const attempt = (work: Promise<void>) => void work.catch((error: Error) => show(t('do.failed', { why: error.message })))
  const send = (text: string, files: FileToSend[] = []) => {
    if (about?.kind === 'edit') {
      if (text !== about.message.text) attempt(view.edit(about.message, text))
      return setAbout(null)
    }
    const meant = view.conversation?.kind === 'group' && offers.has('mention') ? mentioned(text, names) : []
    view.send(text, {
      ...(meant.length && { mentions: meant }),
      ...(about?.kind === 'reply' && { replyTo: about.message.id! }),
      ...(files.length && { files }),
    })
    setAbout(null)
    setDivider(null)
    requestAnimationFrame(() => list.current?.toEnd(false))
  }

  const [menu, setMenu] = useState<{ message: Message; at: Anchor } | null>(null)
  const openMenu = useCallback((message: Message, at: Anchor) => setMenu({ message, at }), [])
  const { retry, discard } = view
  const again = useCallback((message: Message) => retry(message.clientId), [retry])
  const drop = useCallback((message: Message) => discard(message.clientId), [discard])
  const { react: give } = view
  const react = useCallback(
    (message: Message, emoji: string) => {
      const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.users.includes(me))
      give(message, mine ? null : emoji).catch((error: Error) => show(t('do.failed', { why: error.message })))
    },
    [give, me, show, t],
  )
  const [panel, setPanel] = useState<{ kind: 'forward' | 'delete' | 'report'; message: Message } | null>(null)
  const group = view.conversation?.kind === 'group'
  const others = useMemo(() => new Map([...names].filter(([who]) => who !== me)), [names, me])
  const shown = useRef(items)
  shown.current = items
  const [lit, setLit] = useState('')
  const { loadOlder } = view
  // What is further up than what is here is loaded first, page by page.
  const toMessage = useCallback(
    async (wanted: string) => {
      for (let pages = 0; pages < FAR; pages++) {
        const index = shown.current.findIndex((item) => item.kind === 'message' && item.message.id === wanted)
        if (index >= 0) {
          list.current?.toIndex(index)
          return setLit(wanted)
        }
        if (!(await loadOlder()).length) return
        await new Promise((drawn) => setTimeout(drawn, 0))
      }
    },
    [loadOlder],
  )
  useEffect(() => {
    if (!lit) return
    const timer = setTimeout(() => setLit(''), LIT_MS)
    return () => clearTimeout(timer)
  }, [lit])
  useEffect(() => {
    if (!at || !view.loaded) return
    void toMessage(at)
    // Looked for once; the same one may be looked for again.
    router.setParams({ at: undefined })
  }, [at, view.loaded, toMessage, router])

  const connected = state === 'online'
  const render = (item: Item) => {
    if (item.kind === 'day') return <Label text={dayName(item.at, code, t)} />
    if (item.kind === 'unread') return <Label text={t('chat.newMessages')} accent />
    if (item.kind === 'start') return <Label text={t(item.loading ? 'chat.older' : 'chat.start')} quiet />
    if (item.kind === 'system')
      return <Label text={systemText(item.message, (who) => (who === me ? t('chat.me') : (names.get(who) ?? name)), t)} quiet />
    const { message, first, last } = item
    return (
      <Bubble
        message={message}
        first={first}
        last={last}
        named={
          message.mentions.length
            ? message.mentions.map((who) => (who === me ? (account ? account.name : '') : names.get(who)) ?? '').filter(Boolean)
            : NOBODY
        }
        author={group ? (names.get(message.fromUser ?? '') ?? null) : null}
        picture={group ? (pictures.get(message.fromUser ?? '') ?? null) : null}
        quoted={message.quote ? (message.quote.fromUser === me ? t('chat.me') : (names.get(message.quote.fromUser) ?? name)) : null}
        me={me}
        connected={connected}
        onMenu={openMenu}
        onRetry={again}
        onDiscard={drop}
        onReact={react}
        onQuote={toMessage}
        lit={message.id !== null && message.id === lit}
      />
    )
  }

  return (
    <KeyboardAvoidingView behavior={Platform.OS === 'ios' ? 'padding' : undefined} style={styles.all}>
      <ChatHead
        id={id}
        name={name}
        picture={view.user?.avatar ?? view.conversation?.avatar ?? row?.avatar ?? null}
        view={view}
        names={names}
        onShow={toMessage}
      />
      {view.loaded && !messages.length ? (
        <EmptyState icon="chat" title={t('chat.empty', { name })} hint={t('chat.emptyHint')} />
      ) : messages.length ? (
        <MessageList
          ref={list}
          items={items}
          missed={missed}
          label={t('chat.messages', { name })}
          renderItem={render}
          onOlder={() => view.loadOlder().then((came) => came.length > 0)}
          onEnd={(end) => {
            setAtEnd(end)
            if (end) setMissed(0)
          }}
        />
      ) : (
        <View style={styles.all} />
      )}
      <View style={{ paddingBottom: insets.bottom }}>
        {view.blocked ? (
          <Txt color="muted" center style={styles.blocked}>
            {t('chat.blocked', { name })}
          </Txt>
        ) : view.conversation?.announcements && view.conversation.role === 'member' ? (
          <Txt color="muted" center style={styles.blocked}>
            {t('group.onlyAdmins')}
          </Txt>
        ) : (
          <>
            {view.conversation?.request && <Request conversation={view.conversation} name={name} />}
            <Composer
              ref={composer}
              chat={id}
              name={name}
              about={about}
              begun={view.draft?.text}
              onSend={send}
              onDraft={view.setDraft}
              onCancel={() => setAbout(null)}
              onType={view.setTyping}
              onAttach={offers.has('attachments') ? () => void pickFiles().then((files) => files.length && send('', files)) : undefined}
              onVoice={offers.has('attachments') ? (file) => send('', [file]) : undefined}
              onNoMicrophone={() => show(t('voice.denied'))}
              members={group && offers.has('mention') ? others : undefined}
              onPaste={offers.has('attachments') ? (files) => send('', files) : undefined}
            />
          </>
        )}
      </View>
      {menu && view.conversation && (
        <MessageMenu
          {...menu}
          conversation={view.conversation}
          me={me}
          onForward={(message) => setPanel({ kind: 'forward', message })}
          onDelete={(message) => setPanel({ kind: 'delete', message })}
          onReport={(message) => setPanel({ kind: 'report', message })}
          onEdit={(message) => {
            setAbout({ kind: 'edit', title: t('do.editing'), text: oneLine(message, t), message })
            composer.current?.fill(message.text)
            setTimeout(() => composer.current?.focus(), 50)
          }}
          onClose={() => setMenu(null)}
          onReply={(message) => {
            setAbout({ kind: 'reply', title: t('do.replyingTo', { name: message.mine ? t('chat.me') : name }), text: oneLine(message, t), message })
            setTimeout(() => composer.current?.focus(), 50)
          }}
        />
      )}
      {panel?.kind === 'forward' && <Forward message={panel.message} onClose={() => setPanel(null)} />}
      {panel?.kind === 'delete' && view.conversation && (
        <Delete conversation={view.conversation} message={panel.message} onClose={() => setPanel(null)} />
      )}
      {panel?.kind === 'report' && view.conversation && (
        <Report conversation={view.conversation} message={panel.message} onClose={() => setPanel(null)} />
      )}
    </KeyboardAvoidingView>
  )
}

const DRAWN_AGAIN_MS = 3_000
let lastDivider = { id: '', seq: 0, at: 0 }

/** Where the unread ones begin. The router may draw a screen twice in a row, and after the first time nothing is unread. */
function dividerOf(id: string, messages: readonly Message[], unread: number): number | null {
  if (unread > 0) lastDivider = { id, seq: readUpTo(messages, unread), at: Date.now() }
  return lastDivider.id === id && Date.now() - lastDivider.at < DRAWN_AGAIN_MS ? lastDivider.seq : null
}

/** The seq after which the unread ones begin. */
function readUpTo(messages: readonly Message[], unread: number): number {
  const theirs = messages.filter((message) => !message.mine && message.seq !== null)
  return (theirs[Math.max(0, theirs.length - unread)]?.seq ?? 1) - 1
}

function Label({ text, accent, quiet }: { text: string; accent?: boolean; quiet?: boolean }) {
  const styles = useStyles()
  return (
    <View style={styles.label} role="listitem">
      <View style={[styles.pill, accent && styles.accent, quiet && styles.quiet]}>
        <Txt as="tiny" color={accent ? 'onAccentSoft' : 'muted'} center>
          {text}
        </Txt>
      </View>
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, minHeight: 0, backgroundColor: colors.ground },
  label: { alignItems: 'center', paddingVertical: space.s, paddingHorizontal: space.l },
  pill: { paddingHorizontal: space.m, paddingVertical: 4, borderRadius: radius.pill, backgroundColor: colors.raised },
  accent: { backgroundColor: colors.accentSoft, alignSelf: 'stretch' },
  quiet: { backgroundColor: 'transparent' },
  blocked: { padding: space.xl },
}))
