import { type Chat, type ChatOptions, connectChat, type TokenSource } from '@tieline/client'
import { createContext, createElement, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { hold, lease } from './lease.js'

const ChatContext = createContext<Chat | null>(null)

export interface ChatProviderProps {
  children?: ReactNode
  /** A client of the app's own making; then nothing else is needed, and the app closes it. */
  chat?: Chat
  /** Where the server is, such as `https://chat.example`. */
  url?: string
  /** The account's token, or a function that gives one; the newest function is the one that is asked. */
  token?: TokenSource
  /** Names the account. Give it where people can switch accounts: each gets a client of its own. */
  account?: string
  /** Read when the client is made. */
  options?: ChatOptions
  /** Makes the client. Default: `connectChat` of `@tieline/client`; pass the one of `@tieline/client/react-native` there. */
  connect?: (url: string, token: TokenSource, options?: ChatOptions) => Chat
}

/**
 * One client for everything below. StrictMode's double mount, or two providers with the same `url` and `account`, share one
 * client and one socket; it closes a second after the last of them is gone.
 */
export function ChatProvider(props: ChatProviderProps) {
  return props.chat ? createElement(ChatContext.Provider, { value: props.chat }, props.children) : createElement(LeasedProvider, props)
}

function LeasedProvider({ children, url = '', token = '', account, options, connect = connectChat }: ChatProviderProps) {
  const latest = useRef(token)
  latest.current = token
  const key = `${url}\n${account ?? ''}`
  const ask: TokenSource = (reason) => (typeof latest.current === 'string' ? latest.current : latest.current(reason))
  const make = () => connect(url, ask, account === undefined ? options : { ...options, account })
  // On a server there is nobody to chat: the hooks show nothing until the browser takes over.
  const onServer = typeof document === 'undefined' && (globalThis as { navigator?: { product?: string } }).navigator?.product !== 'ReactNative'
  const rendered = onServer ? null : lease(key, make)
  const [chat, setChat] = useState(rendered)
  useEffect(() => {
    // A render that took long may have lost its lease before it was held.
    setChat(lease(key, make))
    return hold(key)
  }, [key])
  return createElement(ChatContext.Provider, { value: rendered ?? chat }, children)
}

/** The client of the nearest ChatProvider, null while rendering on a server. @throws without a provider. */
export function useChat(): Chat | null {
  return useContext(ChatContext)
}
