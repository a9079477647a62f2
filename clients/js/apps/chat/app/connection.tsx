import { Redirect } from 'expo-router'
import { ConnectionScreen } from '../src/screens/lazy'
import { useSession } from '../src/session/session'

export default function Connection() {
  const { account } = useSession()
  if (account === null) return null
  return account ? <ConnectionScreen /> : <Redirect href="/" />
}
