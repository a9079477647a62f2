import { useLocalSearchParams } from 'expo-router'
import { GROUP } from '../../../src/list/paths'
import { ChatScreen } from '../../../src/screens/lazy'

export default function Group() {
  const { groupId } = useLocalSearchParams<{ groupId: string }>()
  return <ChatScreen key={groupId} id={GROUP + groupId} />
}
