import { vi } from 'vitest'
import type { Message } from '../../packages/client/src/index.js'

export * from '../backend/net.js'

// What the client loads on demand is here before time is faked.
await Promise.all([import('../../packages/client/src/oldserver.js'), import('../../packages/client/src/probe.js')])

export const after = (ms: number) => vi.advanceTimersByTimeAsync(ms)

export function texts(messages: readonly Message[]): string[] {
  return messages.map(({ text }) => text)
}
