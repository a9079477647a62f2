import { connectChat } from '@tieline/client'
import { createElement } from 'react'
import { type Connect, Provider, type ProviderProps } from './provider.js'

export interface ChatProviderProps extends ProviderProps {
  /** Makes the client. Default: `connectChat` of `@tieline/client`; pass the one of `@tieline/client/react-native` there. */
  connect?: Connect
}

/**
 * One client for everything below. StrictMode's double mount, or two providers with the same `url` and `account`, share one
 * client and one socket; it closes a second after the last of them is gone.
 */
export function ChatProvider(props: ChatProviderProps) {
  return createElement(Provider, { ...props, connect: props.connect ?? connectChat })
}
