export { ChatProvider, type ChatProviderProps, useChat } from './provider.js'
export { type Connection, useConnection } from './useconnection.js'
export { type ConversationView, useConversation } from './useconversation.js'
export { useConversations } from './useconversations.js'
