import { Chat } from './chat.js'
import type { ChatOptions } from './options.js'
import type { TokenSource } from './tokens.js'

/**
 * Connects to a Tieline server, or to a server that speaks its first protocol.
 *
 * Nothing else has to be called: the client finds a way through (WebSocket, stream, long poll), comes back by itself,
 * renews the token, keeps what is sent in an outbox until the server has it, and catches up on what was missed. It never
 * throws for trouble of the network; `state` says how things are.
 *
 * @param url where the server is, such as `https://chat.example` (without `/api/chat`)
 * @param token the account's token, or a function that gives one whenever it is wanted
 */
export function connectChat(url: string, token: TokenSource, options: ChatOptions = {}): Chat {
  return new Chat(url, token, options)
}

export type { FoundMessage, FoundPage, NewGroup, Privacy, SearchQuery, StarredQuery } from './asking.js'
export type { Transport } from './channel.js'
export type { Chat, ChatEvents } from './chat.js'
export type { Clock } from './clock.js'
export type { Conversation, ConversationEvents } from './conversation.js'
export type { Diagnosis, DiagnosisCode } from './diagnosis.js'
export type { WirePerson as Person } from './frames.js'
export type { Fetch } from './http.js'
export { indexedDbStorage } from './indexeddb.js'
export {
  type Attachment,
  ChatError,
  type Message,
  type MessageState,
  type Quote,
  type Reaction,
  type SentMessage,
  type SystemNotice,
} from './message.js'
export type { ChatOptions } from './options.js'
export type { Presence } from './presence.js'
export type { Signal, Signals } from './signals.js'
export type { WebSocketConstructor, WebSocketLike } from './socket.js'
export type { ConnectionState } from './state.js'
export { memoryStorage, type Storage } from './storage.js'
export type { TokenReason, TokenSource } from './tokens.js'
export type { DraftText, FileToSend, GroupChange, JoinLink, Member, MessageExtras, MuteUntil, Role } from './writing.js'
