import { useSearch } from '@tieline/react'
import { useMemo, useState } from 'react'
import { ScrollView, View } from 'react-native'
import { cached } from '../cache/cache'
import { useFeatures } from '../chat/presence'
import { useI18n } from '../i18n/i18n'
import { shortWhen } from '../i18n/time'
import { space } from '../theme/tokens'
import { Button } from '../ui/Button'
import { Choices } from '../ui/Choices'
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

/** Of whom the filter offers: those one last wrote with. */
const PEOPLE = 12

const DAY_MS = 86_400_000
const SINCE = { any: 0, week: 7, month: 31, year: 365 }
type Since = keyof typeof SINCE

/** Chats by name, and messages by what they say: all of them where the server searches, else those that are on this device. */
export function SearchResults({ query, rows, onOpen }: Props) {
  const { t, code } = useI18n()
  const chats = useMemo(() => rows.filter(({ name }) => matches(name, query)), [rows, query])
  const atServer = useFeatures().has('search')
  const [pictures, setPictures] = useState(false)
  const [filters, setFilters] = useState(false)
  const [from, setFrom] = useState('')
  const [since, setSince] = useState<Since>('any')
  // Once per choice: a moment that moves would be another search with every drawing.
  const after = useMemo(() => (since === 'any' ? null : new Date(Date.now() - SINCE[since] * DAY_MS)), [since])
  const people = useMemo(() => rows.filter(({ kind }) => kind === 'direct').slice(0, PEOPLE), [rows])
  const narrowed = pictures || filters
  const {
    found: hits,
    loading,
    hasMore,
    loadMore,
  } = useSearch(atServer ? { text: query, ...(pictures && { has: 'image' as const }), ...(from && { from }), ...(after && { after }) } : '')
  const messages = useMemo(() => {
    if (atServer) return hits.map(({ conversation, message }) => ({ row: rowOf(conversation, null), message }))
    const found = []
    for (const [id, list] of Object.entries(cached()?.chats ?? {})) {
      const row = rows.find((one) => one.id === id)
      if (row) for (const message of list) if (!message.deleted && matches(message.text, query)) found.push({ row, message })
    }
    return found.sort((a, b) => (a.message.createdAt < b.message.createdAt ? 1 : -1)).slice(0, MOST)
  }, [rows, query, atServer, hits])
  const filter = (on: boolean) => {
    setFilters(on)
    if (on) return
    setFrom('')
    setSince('any')
  }
  if (!chats.length && !messages.length && !loading && !narrowed) return <EmptyState icon="search" title={t('list.nothing', { query })} />
  return (
    <ScrollView keyboardShouldPersistTaps="handled">
      {chats.length > 0 && <Heading text={t('list.chats')} />}
      {chats.map((row) => (
        <ChatRow key={row.id} row={row} selected={false} online={false} typing={false} onOpen={onOpen} />
      ))}
      {(messages.length > 0 || narrowed) && <Heading text={t('list.messages')} />}
      {atServer && (messages.length > 0 || narrowed) && (
        <View style={{ paddingHorizontal: space.xl, gap: space.s }}>
          <Switch label={t('list.pictures')} on={pictures} onChange={setPictures} />
          <Switch label={t('list.filters')} on={filters} onChange={filter} />
          {filters && people.length > 0 && (
            <Choices
              label={t('list.from')}
              value={from}
              choices={[['', t('list.anyone')], ...people.map(({ id, name }) => [id, name] as const)]}
              onChoose={setFrom}
            />
          )}
          {filters && (
            <Choices<Since>
              label={t('list.since')}
              value={since}
              choices={[
                ['any', t('list.anyTime')],
                ['week', t('list.week')],
                ['month', t('list.month')],
                ['year', t('list.year')],
              ]}
              onChoose={setSince}
            />
          )}
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
