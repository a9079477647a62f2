import { Redirect } from 'expo-router'
import { AuthScreen } from '../src/session/AuthScreen'
import { useSession } from '../src/session/session'

/** The door: to the chats for who is signed in, else to sign in. */
export default function Index() {
  const { account } = useSession()
  if (account === null) return null
  return account ? <Redirect href="/chat" /> : <AuthScreen />
}
