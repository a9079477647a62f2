import { useLocalSearchParams } from 'expo-router'
import { ChatScreen } from '../../../src/chat/ChatScreen'
import { GROUP } from '../../../src/list/rows'

export default function Group() {
  const { groupId } = useLocalSearchParams<{ groupId: string }>()
  return <ChatScreen key={groupId} id={GROUP + groupId} />
}
