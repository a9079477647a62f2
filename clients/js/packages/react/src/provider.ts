import type { Chat, ChatOptions, TokenSource } from '@tieline/client'
import type { Core, CoreOptions } from '@tieline/client/core'
import { createContext, createElement, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { hold, lease } from './lease.js'

const ChatContext = createContext<Chat | null>(null)

/** A client of either kind. */
export type AnyChat = Chat | Core

/** Makes a client; `options` are those of the kind that it makes. */
export type Connect = (url: string, token: TokenSource, options?: ChatOptions & CoreOptions) => AnyChat

export interface ProviderProps {
  children?: ReactNode
  /** A client of the app's own making; then nothing else is needed, and the app closes it. */
  chat?: AnyChat
  /** Where the server is, such as `https://chat.example`. */
  url?: string
  /** The account's token, or a function that gives one; the newest function is the one that is asked. */
  token?: TokenSource
  /** Names the account. Give it where people can switch accounts: each gets a client of its own. */
  account?: string
  /** Read when the client is made. */
  options?: ChatOptions & CoreOptions
}

/** A provider whose clients are made by `connect`, unless it is given another one. */
export function Provider({ chat, children, url = '', token = '', account, options, connect }: ProviderProps & { connect: Connect }) {
  const latest = useRef(token)
  latest.current = token
  const key = `${url}\n${account ?? ''}`
  const ask: TokenSource = (reason) => (typeof latest.current === 'string' ? latest.current : latest.current(reason))
  const make = () => connect(url, ask, { ...options, ...(account && { account }) }) as Chat
  // On a server there is nobody to chat: the hooks show nothing until the browser takes over.
  const onServer = typeof document === 'undefined' && (globalThis as { navigator?: { product?: string } }).navigator?.product !== 'ReactNative'
  const leased = chat || onServer ? null : lease(key, make)
  const [, redraw] = useState(leased)
  useEffect(() => {
    if (chat) return
    // A render that took long may have lost its lease before it was held.
    redraw(lease(key, make))
    return hold(key)
  }, [key, chat])
  return createElement(ChatContext.Provider, { value: (chat as Chat | undefined) ?? leased }, children)
}

/** The client of the nearest ChatProvider, null while rendering on a server. @throws without a provider. */
export function useChat(): Chat | null {
  return useContext(ChatContext)
}
