import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { refusesForGood, refusesToken } from '../../packages/client/src/closecodes.js'
import { decode, type Frame } from '../../packages/client/src/frames.js'
import { BackendLine } from '../backend/backend.js'
import { after, connect, Net } from './net.js'

const protocol = fileURLToPath(new URL('../../../../protocol/', import.meta.url))
const golden = readdirSync(`${protocol}frames`)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({
    name,
    ...(JSON.parse(readFileSync(`${protocol}frames/${name}`, 'utf8')) as { direction: string; v: number; type: string; frame: Frame }),
  }))

describe('the wire of protocol/', () => {
  test('there are golden frames', () => {
    expect(existsSync(`${protocol}README.md`)).toBe(true)
    expect(golden.length).toBeGreaterThan(20)
  })

  test.each(golden.filter(({ direction, v }) => direction === 'server' && v === 2))('$name is understood', ({ frame, type }) => {
    const decoded = decode(JSON.stringify(frame))
    expect(decoded).toEqual(frame)
    expect(decoded?.type).toBe(type)
  })

  test('every golden frame of the server can arrive on a line without ending it', async () => {
    vi.useFakeTimers()
    const net = new Net()
    const { chat } = connect(net)
    await after(100)
    const closing = ['goaway', 'hello']
    for (const { frame, type, direction, v } of golden) if (direction === 'server' && v === 2 && !closing.includes(type)) net.open[0]!.say(frame)
    await after(1_000)
    expect(chat.state.state).toBe('online')
    chat.close()
    vi.useRealTimers()
  })

  test('what the client sends has the fields of the golden frames, and no others', async () => {
    vi.useFakeTimers()
    const net = new Net()
    const said = new Map<string, Frame>()
    const { chat } = connect(net)
    net.backend.write('bob', 'ada', 'hi')
    await after(50)
    const receive = vi.spyOn(BackendLine.prototype, 'receive').mockImplementation(function (this: BackendLine, frame) {
      said.set(frame.type, frame)
    })
    chat.with('bob').on('message', () => {})
    chat.with('bob').send('with all', { replyTo: 'c.1', card: { kind: 'post' } })
    chat.with('bob').markRead()
    net.backend.write('bob', 'ada', 'live')
    net.open[0]!.say({ type: 'token_expiring', in_s: 60 })
    await after(1_500)
    chat.with('bob').clear()
    await after(1_500)
    net.open[0]!.say({ type: 'ping', pos: 9 })
    await after(1_500)
    receive.mockRestore()
    for (const [type, frame] of said) {
      const fields = new Set(
        golden.filter((one) => one.direction === 'client' && one.v === 2 && one.type === type).flatMap((one) => Object.keys(one.frame)),
      )
      expect([type, ...fields].length).toBeGreaterThan(1)
      for (const field of Object.keys(frame)) expect([...fields], `${type}.${field}`).toContain(field)
    }
    expect([...said.keys()].sort()).toEqual(['auth', 'clear', 'history', 'pong', 'read', 'recv', 'send', 'sync'])
    chat.close()
    vi.useRealTimers()
  })

  test('close codes act by their range, as errors.md says', () => {
    const table = readFileSync(`${protocol}errors.md`, 'utf8')
    const rows = [...table.matchAll(/^\| `?(\d{4})`? \| (.*?) \|$/gm)]
    expect(rows.length).toBeGreaterThan(3)
    for (const [, code, action] of rows) {
      expect(refusesToken(Number(code)), code).toBe(action!.includes('fresh token'))
      expect(refusesForGood(Number(code)), code).toBe(false)
    }
    expect([4400, 4403, 4404, 4449].every(refusesForGood)).toBe(true)
    expect([1000, 1006, 1011, 4399, 4450].some(refusesForGood)).toBe(false)
  })
})
