import { describe, expect, test } from '@jest/globals'
import { fireEvent, render, screen } from '@testing-library/react-native'
import { translator } from '../src/i18n/translate'
import { ChatRow } from '../src/list/ChatRow'
import { matches, oneLine, type Row } from '../src/list/rows'
import { faces } from '../src/theme/tokens'
import { faceOf, initials } from '../src/ui/Avatar'
import { message } from './message'

const row: Row = {
  id: 'bob',
  kind: 'direct',
  name: 'Bob Dvořák',
  avatar: null,
  last: message(1),
  unread: 0,
  muted: false,
  blocked: false,
  draft: null,
  typing: false,
}
const opened: string[] = []
const draw = (fields: Partial<Row> = {}, more: Partial<Parameters<typeof ChatRow>[0]> = {}) =>
  render(<ChatRow row={{ ...row, ...fields }} selected={false} online={false} typing={false} onOpen={(id) => void opened.push(id)} {...more} />)

describe('a chat in the list', () => {
  test('says who, what was said last and when, and opens', () => {
    draw()
    expect(screen.getByText('Bob Dvořák')).toBeTruthy()
    expect(screen.getByText('text 1')).toBeTruthy()
    fireEvent.press(screen.getByText('text 1'))
    expect(opened).toEqual(['bob'])
  })

  test('tells my own words apart, in the direction they have', () => {
    draw({ last: message(1, { mine: true, text: 'مرحبا' }) })
    expect(screen.getByText('You: \u2068مرحبا\u2069')).toBeTruthy()
  })

  test.each([
    [1, '1', '1 unread message'],
    [42, '42', '42 unread messages'],
    [100, '99+', '100 unread messages'],
  ])('with %i unread shows %s and says it', (unread, shown, said) => {
    draw({ unread })
    expect(screen.getByText(shown)).toBeTruthy()
    expect(screen.getByLabelText(said)).toBeTruthy()
  })

  test('shows that it is muted, and blocked', () => {
    draw({ muted: true, blocked: true })
    expect(screen.getByLabelText('Muted')).toBeTruthy()
    expect(screen.getByLabelText('Blocked')).toBeTruthy()
  })

  test('shows what was begun before what was said, and who types before both', () => {
    draw({ draft: 'I wanted' })
    expect(screen.getByText(/Draft:/)).toBeTruthy()
    expect(screen.queryByText('text 1')).toBeNull()
    draw({ draft: 'I wanted' }, { typing: true })
    expect(screen.getByText('typing…')).toBeTruthy()
    expect(screen.queryByText(/Draft:/)).toBeNull()
  })

  test.each([
    [{ deleted: true }, 'This message was deleted'],
    [{ text: '  two\n\nlines ' }, 'two lines'],
    [{ text: '', attachments: [{ kind: 'image' }] }, 'Picture'],
    [{ text: '', attachments: [{ kind: 'voice' }] }, 'Voice message'],
    [{ text: '', attachments: [{ kind: 'file' }] }, 'File'],
    [{ text: '', card: { type: 'story' } }, 'Shared'],
  ])('says in one line what a message is: %j', (fields, said) => {
    expect(oneLine(message(1, fields as never), translator('en'))).toBe(said)
  })

  test('is found by any of its words, whatever the case and the accents', () => {
    expect([matches('Bob Dvořák', 'dvorak bob'), matches('Bob Dvořák', 'ob'), matches('Bob Dvořák', 'eve')]).toEqual([true, true, false])
  })
})

describe('a face', () => {
  test('has the first letters of the first and the last word, whole ones', () => {
    expect(['Maya Lindqvist', 'نور', 'Ana de la Cruz', 'नमिता राव', ''].map(initials)).toEqual(['ML', 'ن', 'AC', 'नरा', ''])
  })

  test('has a colour of its own, the same always, on which white letters reach AA; the colours are told apart', () => {
    expect(faceOf('bob')).toBe(faceOf('bob'))
    const used = new Set(Array.from({ length: 200 }, (_, i) => faceOf(`0192f${i}-7a1b-7c00-8000-00000000000${i % 10}`)))
    expect(used.size).toBe(faces.length)
    for (const face of faces) expect({ face, contrast: contrastWithWhite(face) >= 4.5 }).toEqual({ face, contrast: true })
  })
})

function contrastWithWhite(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 1.05 / (0.2126 * r! + 0.7152 * g! + 0.0722 * b! + 0.05)
}
