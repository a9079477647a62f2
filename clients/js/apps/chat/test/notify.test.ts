import { expect, jest, test } from '@jest/globals'
import type { Conversation } from '@tieline/client'
import { noteOf } from '../src/chat/notify'
import { firstToTell } from '../src/chat/told'
import { translator } from '../src/i18n/translate'
import { message } from './message'

const t = translator('en')
const direct = { id: 'bob', kind: 'direct', user: { id: 'bob', name: 'Bob' }, typing: [], muted: false } as unknown as Conversation
const group = { id: 'g1', kind: 'group', name: 'Climbing', typing: [], muted: false } as unknown as Conversation

test('a notification says who and what, and leads to the message', () => {
  expect(noteOf(direct, message(3), t)).toEqual({ title: 'Bob', body: 'text 3', tag: 'bob', path: '/chat/bob?at=m3' })
  expect(noteOf(group, message(3, { text: '', attachments: [{ kind: 'image' }] as never }), t)).toEqual({
    title: 'Climbing',
    body: 'Picture',
    tag: 'group/g1',
    path: '/chat/group/g1?at=m3',
  })
})

test('who has no name yet is not called by an id', () => {
  expect(noteOf({ ...direct, user: { id: 'bob' } } as unknown as Conversation, message(3), t)?.title).toBe('New message')
})

test('there is none for what one wrote oneself or has muted, nor for a notice', () => {
  expect(noteOf(direct, message(1, { mine: true }), t)).toBeNull()
  expect(noteOf({ ...direct, muted: true } as Conversation, message(1), t)).toBeNull()
  expect(noteOf(group, message(1, { system: { kind: 'left' } as never }), t)).toBeNull()
})

test('of several tabs one tells of a message, also when they hear of it at once; a later message is told again', async () => {
  const names = new Map<string, string>()
  const storage = { getItem: (name: string) => names.get(name) ?? null, setItem: (name: string, value: string) => void names.set(name, value) }
  Object.assign(globalThis, { localStorage: storage })
  jest.useFakeTimers()
  expect(await Promise.all([firstToTell('m1'), firstToTell('m1'), firstToTell('m2')])).toEqual([true, false, true])
  expect(await firstToTell('m1')).toBe(false)
  for (let i = 0; i < 300; i++) await firstToTell(`n${i}`)
  expect(names.get('tieline-app:told')!.split(' ').length).toBe(200)
})
