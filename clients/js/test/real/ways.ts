import { afterAll, beforeAll } from 'vitest'
import { WebSocket } from 'ws'
import type { ChatOptions, WebSocketConstructor } from '../../packages/client/src/index.js'

export const socket = WebSocket as unknown as WebSocketConstructor

/** Requests without the stream: what a proxy that buffers leaves. */
const noStream: ChatOptions['fetch'] = (url, init) =>
  url.includes('/stream') ? Promise.resolve(new Response('', { status: 404 })) : fetch(url, init)

/** Each transport alone. */
export const ways: [string, ChatOptions][] = [
  ['ws', { WebSocket: socket }],
  ['stream', { WebSocket: undefined as never }],
  ['poll', { WebSocket: undefined as never, fetch: noStream }],
]

/** Newer Nodes have a WebSocket of their own, which a way without one does without. */
export function withoutNative(options: ChatOptions): void {
  const native = globalThis.WebSocket
  beforeAll(() => {
    if (!options.WebSocket) Reflect.deleteProperty(globalThis, 'WebSocket')
  })
  afterAll(() => {
    globalThis.WebSocket = native
  })
}
