import type { ConnectionState } from '@tieline/client'

export interface Tried {
  name: 'ws' | 'stream' | 'poll'
  state: 'inUse' | 'failed' | 'trying' | 'notTried'
}

const ORDER = ['ws', 'stream', 'poll'] as const

/** Each way to be connected, in the order they are tried: what lies before the one in use has failed, what lies after was not needed. */
export function transportsTried({ state, transport }: Pick<ConnectionState, 'state' | 'transport'>): Tried[] {
  const used = transport === null ? -1 : ORDER.indexOf(transport)
  return ORDER.map((name, at) => ({
    name,
    state:
      used >= 0
        ? at === used
          ? 'inUse'
          : at < used
            ? 'failed'
            : 'notTried'
        : state === 'connecting'
          ? 'trying'
          : state === 'offline'
            ? 'failed'
            : 'notTried',
  }))
}
