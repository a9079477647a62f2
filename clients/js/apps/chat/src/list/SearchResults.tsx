import { useSearch } from '@tieline/react'
import { useMemo, useState } from 'react'
import { ScrollView, View } from 'react-native'
import { cached } from '../cache/cache'
import { useFeatures } from '../chat/presence'
import { useI18n } from '../i18n/i18n'
import { shortWhen } from '../i18n/time'
import { space } from '../theme/tokens'
import { Button } from '../ui/Button'
import { EmptyState } from '../ui/EmptyState'
import { Press } from '../ui/Press'
import { Switch } from '../ui/Switch'
import { Txt } from '../ui/Txt'
import { ChatRow } from './ChatRow'
import { matches, oneLine, type Row, rowOf } from './rows'

interface Props {
  query: string
  rows: readonly Row[]
  /** A chat, or a message in it. */
  onOpen(id: string, at?: string | null): void
}

const MOST = 40

/** Chats by name, and messages by what they say: all of them where the server searches, else those that are on this device. */
export function SearchResults({ query, rows, onOpen }: Props) {
  const { t, code } = useI18n()
  const chats = useMemo(() => rows.filter(({ name }) => matches(name, query)), [rows, query])
  const atServer = useFeatures().has('search')
  const [pictures, setPictures] = useState(false)
  const { found: hits, loading, hasMore, loadMore } = useSearch(atServer ? { text: query, ...(pictures && { has: 'image' as const }) } : '')
  const messages = useMemo(() => {
    if (atServer) return hits.map(({ conversation, message }) => ({ row: rowOf(conversation, null), message }))
    const found = []
    for (const [id, list] of Object.entries(cached()?.chats ?? {})) {
      const row = rows.find((one) => one.id === id)
      if (row) for (const message of list) if (!message.deleted && matches(message.text, query)) found.push({ row, message })
    }
    return found.sort((a, b) => (a.message.createdAt < b.message.createdAt ? 1 : -1)).slice(0, MOST)
  }, [rows, query, atServer, hits])
  if (!chats.length && !messages.length && !loading && !pictures) return <EmptyState icon="search" title={t('list.nothing', { query })} />
  return (
    <ScrollView keyboardShouldPersistTaps="handled">
      {chats.length > 0 && <Heading text={t('list.chats')} />}
      {chats.map((row) => (
        <ChatRow key={row.id} row={row} selected={false} online={false} typing={false} onOpen={onOpen} />
      ))}
      {(messages.length > 0 || pictures) && <Heading text={t('list.messages')} />}
      {atServer && (messages.length > 0 || pictures) && (
        <View style={{ paddingHorizontal: space.xl }}>
          <Switch label={t('list.pictures')} on={pictures} onChange={setPictures} />
        </View>
      )}
      {messages.map(({ row, message }) => (
        <Press
          key={message.clientId}
          role="link"
          onPress={() => onOpen(row.id, message.id)}
          style={{ paddingHorizontal: space.xl, paddingVertical: space.s, gap: 2 }}
        >
          <Txt as="tiny" color="muted">
            {row.name} · {shortWhen(message.createdAt, code, t)}
          </Txt>
          <Txt as="small" numberOfLines={2}>
            {oneLine(message, t)}
          </Txt>
        </Press>
      ))}
      {hasMore && <Button title={t('list.more')} kind="plain" onPress={loadMore} />}
    </ScrollView>
  )
}

const Heading = ({ text }: { text: string }) => (
  <Txt as="label" color="muted" role="heading" style={{ paddingHorizontal: space.xl, paddingTop: space.m, paddingBottom: space.xs }}>
    {text}
  </Txt>
)
