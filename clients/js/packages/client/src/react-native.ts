import { AppState } from 'react-native'
import type { Chat } from './chat.js'
import { connectChat as connect } from './index.js'
import type { ChatOptions } from './options.js'
import type { Signals } from './signals.js'
import type { TokenSource } from './tokens.js'

export * from './index.js'

/** What both network modules tell. */
export interface DeviceNetworkState {
  /** wifi, cellular, none, ... in any letter case */
  type?: string | null
  isConnected?: boolean | null
}

/** The module `expo-network`, or the default export of `@react-native-community/netinfo`: whichever is installed. */
export type DeviceNetwork =
  | { addNetworkStateListener(listener: (state: DeviceNetworkState) => void): { remove(): void } }
  | { addEventListener(listener: (state: DeviceNetworkState) => void): () => void }

export interface DeviceOptions extends ChatOptions {
  /** `import * as Network from 'expo-network'`, or NetInfo. Without it a change of network is noticed by silence (35 s). */
  network?: DeviceNetwork
}

/**
 * As `connectChat` of `@tieline/client`, wired to the device: rests 5 s after the app went to the background, is back when it
 * is active again, and changes lines when the network is another one. Pass `storage` (AsyncStorage, or `expo-sqlite/kv-store`)
 * so that unsent messages survive the app being killed.
 */
export function connectChat(url: string, token: TokenSource, { network, ...options }: DeviceOptions = {}): Chat {
  return connect(url, token, { signals: deviceSignals(network), ...options })
}

/** AppState and the network module as signals. */
export function deviceSignals(network?: DeviceNetwork): Signals {
  return (tell) => {
    const app = AppState.addEventListener('change', (state) => {
      // iOS passes through `inactive` for every notification shade: only `background` means gone.
      if (state === 'background') tell('background')
      else if (state === 'active') tell('visible')
    })
    let type: string | null | undefined
    const heard = (state: DeviceNetworkState) => {
      const before = type
      type = state.type?.toLowerCase()
      if (state.isConnected === false || type === 'none') tell('offline')
      else if (before === 'none' || before === undefined || before === type) tell('wake')
      else tell('network')
    }
    const stop = network && ('addNetworkStateListener' in network ? network.addNetworkStateListener(heard) : network.addEventListener(heard))
    return () => {
      app.remove()
      if (typeof stop === 'function') stop()
      else stop?.remove()
    }
  }
}
