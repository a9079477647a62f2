import { connectChat } from '@tieline/client/core'
import { createElement } from 'react'
import { Provider, type ProviderProps } from './provider.js'

/** The provider of the small client, `@tieline/client/core`: shared as that of `@tieline/react` is. */
export function ChatProvider(props: ProviderProps) {
  return createElement(Provider, { ...props, connect: connectChat })
}

export type { ProviderProps } from './provider.js'
export { type Connection, useConnection } from './useconnection.js'
export { type ThreadView, useThread } from './usethread.js'
export { useThreads } from './usethreads.js'
