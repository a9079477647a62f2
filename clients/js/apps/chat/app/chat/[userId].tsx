import { useLocalSearchParams } from 'expo-router'
import { ChatScreen } from '../../src/chat/ChatScreen'

export default function Chat() {
  const { userId } = useLocalSearchParams<{ userId: string }>()
  return <ChatScreen key={userId} id={userId} />
}
