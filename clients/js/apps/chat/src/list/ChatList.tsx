import { useChat } from '@tieline/react'
import { useGlobalSearchParams, useRouter } from 'expo-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type NativeScrollEvent, type NativeSyntheticEvent, Platform, ScrollView, TextInput, View } from 'react-native'
import { useFeatures, usePresence } from '../chat/presence'
import { useI18n } from '../i18n/i18n'
import { useSession } from '../session/session'
import { themed, useTheme } from '../theme/theme'
import { radius, space, type } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { Button, IconButton } from '../ui/Button'
import { EmptyState } from '../ui/EmptyState'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { ChatRow } from './ChatRow'
import { NewChat } from './NewChat'
import { GROUP, pathOf } from './paths'
import { SearchResults } from './SearchResults'
import { Settings } from './Settings'
import { useRows } from './useRows'

/** All chats, newest first; above them who I am, and the search. */
export function ChatList() {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t } = useI18n()
  const { account } = useSession()
  const chat = useChat()
  const router = useRouter()
  const { userId, groupId } = useGlobalSearchParams<{ userId?: string; groupId?: string }>()
  const open = groupId ? GROUP + groupId : userId
  const { rows, saved, known } = useRows()
  const [query, setQuery] = useState('')
  const [filters, setFilters] = useState(false)
  const searches = useFeatures().has('search')
  const [panel, setPanel] = useState<'new' | 'settings' | null>(null)
  const search = useRef<TextInput>(null)
  const list = useRef<View>(null)
  const people = useMemo(() => rows.filter(({ kind }) => kind === 'direct').map(({ id }) => id), [rows])
  const online = usePresence(people)

  const go = useCallback(
    (id: string, at?: string | null) => {
      setQuery('')
      setFilters(false)
      setPanel(null)
      router.navigate(pathOf(id, at) as never)
    },
    [router],
  )

  useEffect(() => {
    if (Platform.OS !== 'web') return
    const key = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      search.current?.focus()
    }
    // Before the field that has the focus: it keeps keys to itself.
    document.addEventListener('keydown', key, true)
    return () => document.removeEventListener('keydown', key, true)
  }, [])

  const leaveSearch = () => {
    setQuery('')
    setFilters(false)
  }

  // Arrows walk over the rows, from the search field too.
  const walk = (event: { key: string; preventDefault(): void }) => {
    if (event.key === 'Escape' && (query || filters)) return leaveSearch()
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    const links = [...((list.current as unknown as HTMLElement | null)?.querySelectorAll<HTMLElement>('[role="link"],a') ?? [])]
    const at = links.indexOf(document.activeElement as HTMLElement)
    const next = event.key === 'ArrowDown' ? at + 1 : at - 1
    event.preventDefault()
    if (next < 0) search.current?.focus()
    else links[Math.min(next, links.length - 1)]?.focus()
  }

  if (!account) return null
  const more = ({ nativeEvent: { contentOffset, contentSize, layoutMeasurement } }: NativeSyntheticEvent<NativeScrollEvent>) => {
    if (contentSize.height - contentOffset.y - layoutMeasurement.height < layoutMeasurement.height) void chat?.loadMoreConversations().catch(() => {})
  }
  return (
    <View style={styles.all} role="navigation" aria-label={t('list.title')} {...({ onKeyDownCapture: walk } as object)}>
      <View style={styles.head}>
        <Press quiet accessibilityLabel={t('menu.settings')} onPress={() => setPanel('settings')} style={styles.me}>
          <Avatar id={account.id} name={account.name} picture={account.avatar} size={36} />
        </Press>
        <Txt as="title" role="heading" style={styles.title}>
          {t('list.title')}
        </Txt>
        <IconButton icon="compose" label={t('list.new')} color={colors.accent} onPress={() => setPanel('new')} />
      </View>
      <View style={styles.search}>
        <Icon name="search" size={18} color={colors.muted} />
        <TextInput
          ref={search}
          value={query}
          onChangeText={setQuery}
          placeholder={t('list.search')}
          placeholderTextColor={colors.muted}
          accessibilityLabel={t('list.search')}
          inputMode="search"
          autoCapitalize="none"
          style={[styles.input, Platform.OS === 'web' && ({ outlineStyle: 'none' } as object)]}
        />
        {(query !== '' || filters) && <IconButton icon="close" size={16} label={t('do.close')} onPress={leaveSearch} style={styles.clear} />}
        {query === '' && !filters && searches && (
          <IconButton icon="filter" size={18} label={t('list.filters')} onPress={() => setFilters(true)} style={styles.clear} />
        )}
      </View>
      <View style={styles.list} ref={list}>
        {query.trim() || filters ? (
          <SearchResults query={query.trim()} rows={rows} filters={filters} onFilters={setFilters} onOpen={go} />
        ) : rows.length ? (
          <ScrollView
            style={styles.list}
            contentContainerStyle={styles.rows}
            onScroll={more}
            scrollEventThrottle={100}
            keyboardShouldPersistTaps="handled"
          >
            {saved && <Saved />}
            {rows.map((row) => (
              <ChatRow key={row.id} row={row} selected={row.id === open} online={online.has(row.id)} typing={row.typing} onOpen={go} />
            ))}
          </ScrollView>
        ) : known ? (
          <EmptyState icon="chat" title={t('list.empty')} hint={t('list.emptyHint')}>
            <Button title={t('list.new')} icon="plus" kind="soft" onPress={() => setPanel('new')} />
          </EmptyState>
        ) : null}
      </View>
      {panel === 'new' && <NewChat onClose={() => setPanel(null)} onOpen={go} />}
      {panel === 'settings' && <Settings onClose={() => setPanel(null)} />}
    </View>
  )
}

function Saved() {
  const styles = useStyles()
  const { t } = useI18n()
  return (
    <Txt as="tiny" color="muted" style={styles.saved}>
      {t('list.saved')}
    </Txt>
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, backgroundColor: colors.surface },
  head: { flexDirection: 'row', alignItems: 'center', gap: space.m, paddingHorizontal: space.l, paddingTop: space.m, paddingBottom: space.s },
  me: { borderRadius: radius.pill },
  title: { flex: 1 },
  search: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    minHeight: 42,
    marginHorizontal: space.l,
    marginBottom: space.s,
    paddingStart: space.m,
    borderRadius: radius.pill,
    backgroundColor: colors.raised,
  },
  input: { ...type.label, flex: 1, minWidth: 0, color: colors.text, paddingVertical: space.s },
  clear: { width: 34, height: 34, marginEnd: 4 },
  list: { flex: 1, minHeight: 0 },
  rows: { paddingBottom: space.l, gap: 2 },
  saved: { paddingHorizontal: space.xl, paddingVertical: space.xs },
}))
