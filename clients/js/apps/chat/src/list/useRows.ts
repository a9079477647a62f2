import { useConnection, useConversations } from '@tieline/react'
import { useEffect, useMemo, useState } from 'react'
import { cached, load, save } from '../cache/cache'
import { useDrafts } from '../chat/drafts'
import { useSession } from '../session/session'
import { GROUP } from './paths'
import { type Row, rowOf } from './rows'

/** The list: live, or what was kept while there is no line yet. */
export function useRows(): { rows: readonly Row[]; saved: boolean; known: boolean } {
  const { account } = useSession()
  const conversations = useConversations()
  const { state } = useConnection()
  const drafts = useDrafts()
  const [kept, setKept] = useState<readonly Row[] | null>(null)
  const [synced, setSynced] = useState(false)
  const me = account ? account.id : ''
  useEffect(() => {
    void load(me).then(() => setKept((cached()?.rows ?? []).map((row) => ({ ...row, draft: null, typing: false }))))
  }, [me])
  const live = useMemo(
    () =>
      conversations.map((conversation) =>
        rowOf(conversation, drafts[conversation.kind === 'group' ? GROUP + conversation.id : conversation.id] ?? null),
      ),
    [conversations, drafts],
  )
  useEffect(() => {
    if (state === 'online' || live.length) setSynced(true)
  }, [state, live.length])
  useEffect(() => {
    if (live.length) save(me, { rows: live.map(({ draft: _, typing: __, ...row }) => row) })
  }, [live, me])
  const saved = live.length === 0 && !!kept?.length
  return { rows: saved ? kept! : live, saved: saved && state !== 'online', known: synced || kept !== null }
}
