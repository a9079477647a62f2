import { expect, test } from '@jest/globals'
import type { Conversation } from '@tieline/client'
import { noteOf } from '../src/chat/notify'
import { translator } from '../src/i18n/translate'
import { message } from './message'

const t = translator('en')
const direct = { id: 'bob', kind: 'direct', user: { id: 'bob', name: 'Bob' }, typing: [], muted: false } as unknown as Conversation
const group = { id: 'g1', kind: 'group', name: 'Climbing', typing: [], muted: false } as unknown as Conversation

test('a notification says who and what, and leads to the message', () => {
  expect(noteOf(direct, message(3), true, t)).toEqual({ title: 'Bob', body: 'text 3', tag: 'bob', path: '/chat/bob?at=m3' })
  expect(noteOf(group, message(3, { text: '', attachments: [{ kind: 'image' }] as never }), true, t)).toEqual({
    title: 'Climbing',
    body: 'Picture',
    tag: 'group/g1',
    path: '/chat/group/g1?at=m3',
  })
})

test('there is none for what one looks at, wrote oneself or has muted, nor for a notice', () => {
  expect(noteOf(direct, message(1), false, t)).toBeNull()
  expect(noteOf(direct, message(1, { mine: true }), true, t)).toBeNull()
  expect(noteOf({ ...direct, muted: true } as Conversation, message(1), true, t)).toBeNull()
  expect(noteOf(group, message(1, { system: { kind: 'left' } as never }), true, t)).toBeNull()
})
