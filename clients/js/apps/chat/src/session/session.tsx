import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { forget, load } from '../cache/cache'
import { loadScreens, SignedIn } from '../screens/lazy'
import { type Account, SignInError, whoIs } from './accounts'
import { handed } from './handed'
import { keep, keepSecret, kept, keptNow, keptSecret } from './store'

interface Session {
  /** null while it is looked up; false: nobody is signed in. */
  account: Account | null | false
  token: string
  /** Signs in with a token of the server. @throws SignInError */
  enter(token: string): Promise<void>
  leave(): void
}

const SessionContext = createContext<Session>({ account: null, token: '', enter: async () => {}, leave: () => {} })

/** Who is signed in on this device. Below it is one chat client, as long as somebody is. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [account, setAccount] = useState<Session['account']>(null)
  const [token, setToken] = useState('')

  const enter = useCallback(async (fresh: string) => {
    const [who] = await Promise.all([
      whoIs(fresh),
      loadScreens().catch(() => {
        throw new SignInError('unreachable')
      }),
    ])
    await keepSecret('token', fresh)
    await keep('account', JSON.stringify(who))
    await load(who.id)
    setToken(fresh)
    setAccount(who)
  }, [])

  const leave = useCallback(() => {
    void keepSecret('token', null)
    void keep('account', null)
    void keep('told', null)
    void forget()
    setToken('')
    setAccount(false)
  }, [])

  useEffect(() => {
    const begin = async () => {
      if (handed || keptNow('account')) void loadScreens().catch(() => {})
      if (handed) return enter(handed)
      const [was, who] = await Promise.all([keptSecret('token'), kept('account')])
      if (!was || !who) return setAccount(false)
      // Without a network the account of last time opens; whether its token is still good shows when there is one.
      const last = JSON.parse(who) as Account
      // What was kept is there before the first screen is drawn.
      await Promise.all([loadScreens(), load(last.id)])
      setToken(was)
      setAccount(last)
      const fresh = await whoIs(was).catch((error: unknown) => error)
      if (fresh instanceof SignInError) return fresh.kind === 'refused' ? leave() : undefined
      if (!(fresh instanceof Error)) await keep('account', JSON.stringify(fresh))
    }
    begin().catch(() => setAccount(false))
  }, [enter, leave])

  const session = useMemo(() => ({ account, token, enter, leave }), [account, token, enter, leave])
  return (
    <SessionContext.Provider value={session}>
      {account ? (
        <SignedIn key={account.id} account={account.id} token={token}>
          {children}
        </SignedIn>
      ) : (
        children
      )}
    </SessionContext.Provider>
  )
}

export const useSession = () => useContext(SessionContext)
