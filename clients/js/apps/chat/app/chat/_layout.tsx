import { Redirect, Slot, usePathname } from 'expo-router'
import { Shell } from '../../src/screens/lazy'
import { useSession } from '../../src/session/session'

export default function ChatLayout() {
  const { account } = useSession()
  const path = usePathname()
  if (account === null) return null
  if (!account) return <Redirect href="/" />
  return (
    <Shell isList={path === '/chat' || path === '/chat/'}>
      <Slot />
    </Shell>
  )
}
