import { useLocalSearchParams } from 'expo-router'
import { ChatScreen } from '../../src/screens/lazy'

export default function Chat() {
  const { userId, at } = useLocalSearchParams<{ userId: string; at?: string }>()
  return <ChatScreen key={userId} id={userId} at={at} />
}
