import { afterEach, jest } from '@jest/globals'
import { act, type RenderResult } from '@testing-library/react-native'
import type { Chat } from '@tieline/client'
import { ChatProvider } from '@tieline/react'
import { renderRouter } from 'expo-router/testing-library'
import type { ReactElement } from 'react'
import { View } from 'react-native'
import { connect, Net } from '../../../test/backend/net'
import { Announcer } from '../src/ui/Announcer'

export const pass = (ms: number) => act(async () => void (await jest.advanceTimersByTimeAsync(ms)))

export interface Two {
  net: Net
  /** Of ada. */
  chat: Chat
  /** Of bob. */
  bob: Chat
}

export interface Setting {
  /** What `hello` lists; by default all there is. */
  features?: readonly string[]
  /** Before anybody is connected. */
  first?(net: Net): void
}

/** All that the server in memory can do. */
export const everything: readonly string[] = new Net().backend.features

// Nothing has a place here; what asks where it is gets an answer all the same.
const place = (tell: (...place: number[]) => void) => tell(0, 0, 100, 40)
Object.assign((View as unknown as { prototype: object }).prototype, { measureInWindow: place })

let sets: Two[] = []

/** Two people on a server in memory. */
export async function meet({ features, first }: Setting = {}): Promise<Two> {
  jest.useFakeTimers()
  const net = new Net()
  if (features) net.backend.features = [...features]
  first?.(net)
  const client = (account: string) => connect(net, account).chat as unknown as Chat
  const set = { net, chat: client('ada'), bob: client('bob') }
  sets.push(set)
  await pass(200)
  return set
}

/** Draws something for ada, as it stands in the app: with her client, under a router. */
export async function draw({ chat }: Two, element: ReactElement, path = '/'): Promise<RenderResult> {
  const Screen = () => (
    <ChatProvider chat={chat}>
      <Announcer>{element}</Announcer>
    </ChatProvider>
  )
  const drawn = renderRouter({ index: Screen, connection: () => null, 'chat/[userId]': Screen }, { initialUrl: path })
  await pass(100)
  return drawn as unknown as RenderResult
}

afterEach(() => {
  for (const { chat, bob } of sets) {
    chat.close()
    bob.close()
  }
  sets = []
  jest.useRealTimers()
})
