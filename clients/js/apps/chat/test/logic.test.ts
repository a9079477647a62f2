import { describe, expect, test } from '@jest/globals'
import { type Item, layOut } from '../src/chat/items'
import { direction, folded, onlyEmoji, parts, safe } from '../src/chat/text'
import { transportsTried } from '../src/connection/tried'
import { ar } from '../src/i18n/ar'
import { en } from '../src/i18n/en'
import { hi } from '../src/i18n/hi'
import { dayName, shortWhen } from '../src/i18n/time'
import { preferred, translator } from '../src/i18n/translate'
import { message } from './message'

const kinds = (items: Item[]) =>
  items.map((item) => (item.kind === 'message' ? `${item.message.seq}${item.first ? '<' : ''}${item.last ? '>' : ''}` : item.kind))
const all = { hasMore: false, loaded: true, readSeq: null }

describe('the list of a chat', () => {
  test('begins with its day; messages of one sender run together, another sender or a pause ends the run', () => {
    const late = message(4, { createdAt: '2026-11-26T10:20:00.000000Z' })
    expect(kinds(layOut([message(1), message(2), message(3, { mine: true }), late], all))).toEqual(['start', 'day', '1<', '2>', '3<>', '4<>'])
  })

  test('each day has its heading', () => {
    expect(kinds(layOut([message(1, { createdAt: '2026-11-24T10:00:00Z' }), message(2)], all))).toEqual(['start', 'day', '1<>', 'day', '2<>'])
  })

  test('the divider stands before the first unread message of the other, once', () => {
    const messages = [message(1), message(2, { mine: true }), message(3), message(4)]
    expect(kinds(layOut(messages, { ...all, readSeq: 1 }))).toEqual(['start', 'day', '1<>', '2<>', 'unread', '3<', '4>'])
  })

  test('what has not changed keeps its object', () => {
    const messages = [message(1), message(2)]
    const before = layOut(messages, all)
    const after = layOut([...messages, message(3, { mine: true })], all, new Map(before.map((item) => [item.key, item])))
    expect(after[2]).toBe(before[2])
    expect(after).toHaveLength(5)
  })
})

describe('what a message says', () => {
  test('http and https become links, without the point at the end; brackets that the link opened stay', () => {
    expect(parts('see https://example.org/a_(b). or www.example.org!')).toEqual([
      { kind: 'text', text: 'see ' },
      { kind: 'link', text: 'https://example.org/a_(b)', href: 'https://example.org/a_(b)' },
      { kind: 'text', text: '. or ' },
      { kind: 'link', text: 'www.example.org', href: 'https://www.example.org/' },
      { kind: 'text', text: '!' },
    ])
  })

  test.each(['javascript:alert(1)', 'data:text/html,x', 'https://bank.example@evil.example/', 'file:///etc/passwd', ''])(
    '%s is never opened',
    (link) => {
      expect(safe(link)).toBeNull()
      expect(parts(`a ${link} b`).filter(({ kind }) => kind === 'link')).toEqual([])
    },
  )

  test('a long text is folded, a short one is not, and no character is cut in two', () => {
    expect(folded('short')).toBeNull()
    expect(folded('word '.repeat(400))!.length).toBeLessThanOrEqual(900)
    expect(folded('line\n'.repeat(40))!.split('\n')).toHaveLength(14)
    expect(folded('😀'.repeat(900))).not.toMatch(/[\uD800-\uDBFF]$/)
  })

  test('one to three emoji are shown large, words and digits never', () => {
    expect(['🎉', '👍🏽 ❤️', '🇮🇳', '👨‍👩‍👧'].map(onlyEmoji)).toEqual([true, true, true, true])
    expect(['🎉🎉🎉🎉', 'a🎉', '12', ''].map(onlyEmoji)).toEqual([false, false, false, false])
  })

  test('a text runs as its first letter does', () => {
    expect([direction('مرحبا hello'), direction('hello مرحبا'), direction('नमस्ते'), direction('123')]).toEqual(['rtl', 'ltr', 'ltr', undefined])
  })
})

describe('languages', () => {
  test.each(Object.entries({ ar, hi }))('%s fills in the same names as English, in every form of a number', (_, texts) => {
    const names = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join()
    for (const [key, text] of Object.entries(texts)) {
      const wanted = names(en[key as keyof typeof en])
      for (const form of text.split('|'))
        expect({ key, allowed: [wanted, wanted.replace('{count}', '').replace(/^,|,$/g, '')].includes(names(form)) }).toEqual({ key, allowed: true })
      if (text.includes('|')) expect(text).toContain('other:')
    }
  })

  test('numbers take the form their language asks for, and its digits', () => {
    expect(translator('en')('list.unread', { count: 1 })).toBe('1 unread message')
    expect(translator('ar', ar)('list.unread', { count: 2 })).toBe('رسالتان غير مقروءتين')
    expect(translator('hi', hi)('list.unread', { count: 3 })).toBe('3 अपठित संदेश')
  })

  test("the reader's first language that there is is taken", () => {
    expect(preferred(['de-DE', 'hi-IN', 'en'])).toBe('hi')
    expect(preferred(['xx'])).toBe('en')
  })

  test('days have names', () => {
    const t = ((key: string) => key) as never
    const now = new Date(2026, 10, 26, 12)
    const at = (...when: [number, number, number]) => new Date(...when, 9).toISOString()
    expect(dayName(at(2026, 10, 26), 'en', t, now)).toBe('day.today')
    expect(dayName(at(2026, 10, 25), 'en', t, now)).toBe('day.yesterday')
    expect(dayName(at(2026, 10, 23), 'en', t, now)).toBe('Monday')
    expect(dayName(at(2025, 10, 23), 'en', t, now)).toBe('November 23, 2025')
    expect(shortWhen(at(2026, 9, 3), 'en', t, now)).toBe('Oct 3')
  })
})

test('what lies before the transport in use has failed, what lies after was not needed', () => {
  expect(transportsTried({ state: 'online', transport: 'stream' }).map(({ state }) => state)).toEqual(['failed', 'inUse', 'notTried'])
  expect(transportsTried({ state: 'connecting', transport: null }).map(({ state }) => state)).toEqual(['trying', 'trying', 'trying'])
  expect(transportsTried({ state: 'offline', transport: null }).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])
})
