import { useLocalSearchParams } from 'expo-router'
import { GROUP } from '../../../src/list/paths'
import { ChatScreen } from '../../../src/screens/lazy'

export default function Group() {
  const { groupId, at } = useLocalSearchParams<{ groupId: string; at?: string }>()
  return <ChatScreen key={groupId} id={GROUP + groupId} at={at} />
}
