import type { FoundMessage, Person, SearchQuery } from '@tieline/client'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useChat } from './provider.js'

/** Nobody searches for what is still being typed. */
const REST_MS = 250

export interface SearchView<Found> {
  readonly found: readonly Found[]
  readonly loading: boolean
  /** Why the last request gave nothing, null where it did. */
  readonly error: Error | null
}

export interface MessageSearch extends SearchView<FoundMessage> {
  readonly hasMore: boolean
  loadMore(): void
}

/**
 * Messages that have these words, as they are typed; an empty text finds nothing.
 * @param query the words alone, or with who, when and where
 */
export function useSearch(query: string | SearchQuery): MessageSearch {
  const chat = useChat()
  const wanted: SearchQuery = typeof query === 'string' ? { text: query } : query
  const { conversation, ...rest } = wanted
  const key = JSON.stringify([rest, conversation?.id])
  const latest = useRef(wanted)
  latest.current = wanted
  const [next, setNext] = useState<string | null>(null)
  const page = useCallback(
    async (cursor?: string) => {
      const { found, next } = await chat!.search({ ...latest.current, ...(cursor && { cursor }) })
      setNext(next)
      return found
    },
    [chat],
  )
  const { view, add } = useFound(chat && (wanted.text.trim() || wanted.from || wanted.has) ? key : '', page)
  const loadMore = useCallback(() => {
    if (next !== null) add(page(next))
  }, [next, add, page])
  return useMemo(() => ({ ...view, hasMore: next !== null && view.found.length > 0, loadMore }), [view, next, loadMore])
}

/** People by exact e-mail or username, as it is typed. */
export function usePeople(query: string): SearchView<Person> {
  const chat = useChat()
  const text = query.trim()
  const page = useCallback(() => chat!.people(text), [chat, text])
  return useFound(chat && text ? text : '', page).view
}

const NOTHING = { found: [], loading: false, error: null }

/** What is found under a key, asked for when it rests; an answer to an older key is nobody's. */
function useFound<Found>(key: string, ask: () => Promise<readonly Found[]>) {
  const [view, setView] = useState<SearchView<Found>>(NOTHING)
  const run = useRef(0)
  const latest = useRef(ask)
  latest.current = ask
  const add = useCallback((answer: Promise<readonly Found[]>) => {
    const mine = run.current
    setView((view) => ({ ...view, loading: true, error: null }))
    answer.then(
      (found) => mine === run.current && setView((view) => ({ found: [...view.found, ...found], loading: false, error: null })),
      (error) => mine === run.current && setView((view) => ({ ...view, loading: false, error })),
    )
  }, [])
  useEffect(() => {
    run.current++
    if (!key) return setView(NOTHING)
    setView((view) => ({ ...view, loading: true }))
    const timer = setTimeout(() => {
      setView(NOTHING)
      add(latest.current())
    }, REST_MS)
    return () => {
      run.current++
      clearTimeout(timer)
    }
  }, [key, add])
  return { view, add }
}
