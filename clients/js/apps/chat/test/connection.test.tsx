import { describe, expect, test } from '@jest/globals'
import { act, fireEvent, screen } from '@testing-library/react-native'
import { ConnectionLine } from '../src/connection/ConnectionLine'
import { draw, meet, pass } from './stage'

describe('the line about the connection', () => {
  test('is not there while all is well, and not for a short trouble', async () => {
    const set = await meet()
    await draw(set, <ConnectionLine />)
    expect(screen.queryByRole('status')).toBeNull()
    await act(async () => set.net.open[0]!.fail(1006))
    await pass(1_000)
    expect(screen.queryByText(/Offline|Connecting/)).toBeNull()
  })

  test('says slower updates where there is no WebSocket, and leads to why', async () => {
    const set = await meet({
      first: (net) => {
        net.socketMode = 'refuse'
      },
    })
    await draw(set, <ConnectionLine />)
    await pass(3_000)
    expect(screen.getByText('Connected, with slower updates')).toBeTruthy()
    expect(screen.getByText('Why?')).toBeTruthy()
  })

  test('counts down to the next try while offline, and tries at a press', async () => {
    const set = await meet({
      first: (net) => {
        net.socketMode = 'refuse'
        net.request = () => 'fail'
      },
    })
    await draw(set, <ConnectionLine />)
    await pass(30_000)
    expect(screen.getByText(/Offline/)).toBeTruthy()
    set.net.socketMode = 'ok'
    set.net.request = () => undefined
    fireEvent.press(screen.getByText('Try now'))
    await pass(5_000)
    expect(screen.queryByText(/Offline/)).toBeNull()
  })

  test('says that one must sign in again when the token is not taken any more', async () => {
    const set = await meet()
    await draw(set, <ConnectionLine />)
    set.net.socketMode = (socket) => {
      socket.handshake()
      socket.fail(4401, 'The token is not valid.')
    }
    set.net.request = () => ({ status: 401, body: {} }) as never
    await act(async () => {
      for (const socket of set.net.open) socket.fail(4401)
    })
    await pass(10_000)
    expect(screen.getByText('Your sign-in has run out. Please sign in again.')).toBeTruthy()
  })
})
