import { NothingOpen } from '../../src/screens/lazy'

/** The list; where there is room, the place beside it that waits for a chat. */
export default function Chats() {
  return <NothingOpen />
}
