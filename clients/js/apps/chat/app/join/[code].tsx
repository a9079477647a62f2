import { Redirect, useLocalSearchParams } from 'expo-router'
import { JoinScreen } from '../../src/screens/lazy'
import { useSession } from '../../src/session/session'

export default function Join() {
  const { account } = useSession()
  const { code } = useLocalSearchParams<{ code: string }>()
  if (account === null) return null
  return account ? <JoinScreen code={code} /> : <Redirect href="/" />
}
