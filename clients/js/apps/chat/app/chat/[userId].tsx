import { useLocalSearchParams } from 'expo-router'
import { ChatScreen } from '../../src/screens/lazy'

export default function Chat() {
  const { userId } = useLocalSearchParams<{ userId: string }>()
  return <ChatScreen key={userId} id={userId} />
}
