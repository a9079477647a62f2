import { useSearch } from '@tieline/react'
import { useMemo, useState } from 'react'
import { ScrollView } from 'react-native'
import { cached } from '../cache/cache'
import { useFeatures } from '../chat/presence'
import { useI18n } from '../i18n/i18n'
import { shortWhen } from '../i18n/time'
import { space } from '../theme/tokens'
import { Button } from '../ui/Button'
import { EmptyState } from '../ui/EmptyState'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { ChatRow } from './ChatRow'
import { queryOf, wide } from './narrow'
import { matches, oneLine, type Row, rowOf } from './rows'
import { SearchFilters } from './SearchFilters'

interface Props {
  query: string
  rows: readonly Row[]
  /** Person and date are asked for too; then there may be no words. */
  filters: boolean
  onFilters(on: boolean): void
  /** A chat, or a message in it. */
  onOpen(id: string, at?: string | null): void
}

const MOST = 40

/** Of whom the filter offers: those one last wrote with. */
const PEOPLE = 12

/** Chats by name, and messages by what they say: all of them where the server searches, else those that are on this device. */
export function SearchResults({ query, rows, filters, onFilters, onOpen }: Props) {
  const { t, code } = useI18n()
  const chats = useMemo(() => (query ? rows.filter(({ name }) => matches(name, query)) : []), [rows, query])
  const atServer = useFeatures().has('search')
  const [narrow, setNarrow] = useState(wide)
  const more = useMemo(() => queryOf(filters ? narrow : { ...wide, pictures: narrow.pictures }), [narrow, filters])
  const people = useMemo(() => rows.filter(({ kind }) => kind === 'direct').slice(0, PEOPLE), [rows])
  const narrowed = narrow.pictures || filters
  const asked = query !== '' || !!more.from || !!more.has
  const { found: hits, loading, hasMore, loadMore } = useSearch(atServer ? { text: query, ...more } : '')
  const messages = useMemo(() => {
    if (atServer) return hits.map(({ conversation, message }) => ({ row: rowOf(conversation, null), message }))
    const found = []
    for (const [id, list] of Object.entries(cached()?.chats ?? {})) {
      const row = rows.find((one) => one.id === id)
      if (row) for (const message of list) if (!message.deleted && matches(message.text, query)) found.push({ row, message })
    }
    return found.sort((a, b) => (a.message.createdAt < b.message.createdAt ? 1 : -1)).slice(0, MOST)
  }, [rows, query, atServer, hits])
  if (!chats.length && !messages.length && !loading && !narrowed) return <EmptyState icon="search" title={t('list.nothing', { query })} />
  return (
    <ScrollView keyboardShouldPersistTaps="handled">
      {chats.length > 0 && <Heading text={t('list.chats')} />}
      {chats.map((row) => (
        <ChatRow key={row.id} row={row} selected={false} online={false} typing={false} onOpen={onOpen} />
      ))}
      {(messages.length > 0 || narrowed) && <Heading text={t('list.messages')} />}
      {atServer && (messages.length > 0 || narrowed) && (
        <SearchFilters open={filters} onOpen={onFilters} narrow={narrow} onNarrow={setNarrow} people={people} />
      )}
      {narrowed && !messages.length && !loading && (
        <Txt as="small" color="muted" style={{ paddingHorizontal: space.xl, paddingVertical: space.m }}>
          {t(asked ? 'list.nothingSo' : 'list.ask')}
        </Txt>
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
