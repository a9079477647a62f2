// All that is needed only by who is signed in: one file of its own, beside the one that the page begins with.
export { ChatScreen } from '../chat/ChatScreen'
export { ConnectionScreen } from '../connection/ConnectionScreen'
export { JoinScreen } from '../list/JoinScreen'
export { NothingOpen, Shell } from '../list/Shell'
export { SignedIn } from '../session/SignedIn'
