import { ChatProvider } from '@tieline/react'
import type { ReactNode } from 'react'
import { connectChat } from './connect'
import { serverUrl } from './server'

/** The one chat client of who is signed in, for all below it. */
export function SignedIn({ account, token, children }: { account: string; token: string; children: ReactNode }) {
  return (
    <ChatProvider url={serverUrl} token={token} account={account} connect={connectChat}>
      {children}
    </ChatProvider>
  )
}
