import { beforeEach, describe, expect, test } from '@jest/globals'
import { fireEvent, render, screen } from '@testing-library/react-native'
import type { Message, MessageState } from '@tieline/client'
import { StyleSheet, Text } from 'react-native'
import { Bubble } from '../src/chat/Bubble'
import { cards } from '../src/chat/Card'
import { message } from './message'

const heard: string[] = []
beforeEach(() => void heard.splice(0))

const hear = (what: string) => (one: Message | string) => void heard.push(`${what} ${typeof one === 'string' ? one : one.id}`)
const draw = (one: Message, more: Partial<Parameters<typeof Bubble>[0]> = {}) =>
  render(
    <Bubble
      message={one}
      first
      last
      author={null}
      named={[]}
      quoted={null}
      me="ada"
      connected
      onMenu={hear('menu')}
      onRetry={hear('retry')}
      onDiscard={hear('discard')}
      onReact={(one, emoji) => void heard.push(`react ${one.id} ${emoji}`)}
      onQuote={hear('quote')}
      {...more}
    />,
  )
const label = () => screen.UNSAFE_getByProps({ role: 'listitem' }).props['aria-label'] as string

describe('a bubble', () => {
  test.each([
    ['sending', 'Sending'],
    ['sent', 'Sent'],
    ['delivered', 'Delivered'],
    ['read', 'Read'],
    ['failed', 'Not sent'],
  ] as [MessageState, string][])('of mine that is %s says so', (state, said) => {
    draw(message(1, { mine: true, state }))
    expect(label()).toMatch(new RegExp(`^You, .*: text 1\\. ${said}$`))
  })

  test('waits visibly while there is no connection', () => {
    draw(message(1, { mine: true, state: 'sending' }), { connected: false })
    expect(screen.getByText('Waiting for the connection')).toBeTruthy()
    expect(label()).toContain('Waiting for the connection')
  })

  test('that failed says why, and can be tried again or deleted', () => {
    draw(message(1, { mine: true, state: 'failed', error: { code: 'blocked', message: 'You are blocked.' } as Message['error'] }))
    expect(screen.getByText('Not sent: You are blocked.')).toBeTruthy()
    fireEvent.press(screen.getByText('Try again'))
    fireEvent.press(screen.getByText('Delete'))
    expect(heard).toEqual(['retry m1', 'discard m1'])
  })

  test('of somebody in a group bears the name above the first of a run only', () => {
    draw(message(1), { author: 'Bob' })
    expect(screen.getByText('Bob')).toBeTruthy()
    draw(message(2), { author: 'Bob', first: false })
    expect(screen.queryByText('Bob')).toBeNull()
    expect(label()).toMatch(/^Bob, /)
  })

  test('that was deleted shows nothing of what it was', () => {
    draw(
      message(1, {
        deleted: true,
        text: 'secret',
        quote: { id: 'm0', fromUser: 'ada', text: 'asked' } as Message['quote'],
        card: { type: 'post' } as Message['card'],
      }),
    )
    expect(screen.getByText('This message was deleted')).toBeTruthy()
    expect(screen.queryByText(/secret|asked/)).toBeNull()
  })

  test('says that it was changed, and that it was forwarded', () => {
    draw(message(1, { editedAt: '2026-11-26T10:05:00Z', forwarded: true }))
    expect(screen.getByText('edited')).toBeTruthy()
    expect(screen.getByText('Forwarded')).toBeTruthy()
  })

  test('that answers leads to what it answers', () => {
    draw(message(2, { quote: { id: 'm1', fromUser: 'ada', text: 'by how much?' } as Message['quote'] }), { quoted: 'You' })
    fireEvent.press(screen.getByLabelText('Quoted: by how much?'))
    expect(heard).toEqual(['quote m1'])
  })

  test('carries reactions with their number; mine is marked, and pressed again taken back', () => {
    draw(
      message(1, {
        reactions: [
          { emoji: '👍', count: 2, users: ['ada', 'eve'] },
          { emoji: '🎉', count: 1, users: ['eve'] },
        ] as Message['reactions'],
      }),
    )
    expect(screen.getByLabelText('👍 2').props.accessibilityState ?? screen.getByLabelText('👍 2').props['aria-pressed']).toBeTruthy()
    fireEvent.press(screen.getByLabelText('🎉 1'))
    expect(heard).toEqual(['react m1 🎉'])
  })

  test('is asked what can be done with it by a long press', () => {
    draw(message(1))
    fireEvent.press(screen.getByLabelText('Message options'))
    expect(screen.getByLabelText('Message options').props['aria-haspopup']).toBe('menu')
  })

  test('in which one is meant is marked, and the name stands out', () => {
    draw(message(1, { text: 'and you, @Ada Lovelace', mentions: ['ada'] }), { named: ['Ada Lovelace'] })
    expect(StyleSheet.flatten(screen.getByText('@Ada Lovelace').props.style).fontWeight).toBe('600')
  })

  test('folds a long text and unfolds it', () => {
    draw(message(1, { text: `${'word '.repeat(400)}the end` }))
    expect(screen.queryByText(/the end/)).toBeNull()
    fireEvent.press(screen.getByText('Read more'))
    expect(screen.getByText(/the end/)).toBeTruthy()
    fireEvent.press(screen.getByText('Show less'))
    expect(screen.queryByText(/the end/)).toBeNull()
  })

  test.each([
    ['مرحبا hello', 'rtl', 'right'],
    ['hello مرحبا', 'ltr', 'left'],
  ])('runs as its first letter does: %s', (text, way, side) => {
    draw(message(1, { text }))
    expect(StyleSheet.flatten(screen.getByText(text).props.style)).toMatchObject({ writingDirection: way, textAlign: side })
  })

  test('makes links of web addresses and of nothing else', () => {
    draw(message(1, { text: 'see https://example.org/a and javascript:alert(1)' }))
    expect(screen.getByText('https://example.org/a').props.role).toBe('link')
    expect(screen.queryByText('javascript:alert(1)')).toBeNull()
  })

  test('shows how far a picture is while it is uploaded, and no more once the server has it', () => {
    const picture = { id: 'f', kind: 'image', name: 'sky.jpg', type: 'image/jpeg', size: 9_000, source: { uri: 'file:///sky.jpg' } } as const
    draw(message(1, { mine: true, state: 'sending', text: '', attachments: [{ ...picture, progress: 0.4 }] }))
    expect(screen.getByLabelText('40%').props.role).toBe('progressbar')
    expect(screen.getAllByLabelText('sky.jpg').some((one) => one.props.source?.uri === 'file:///sky.jpg')).toBe(true)
    draw(message(1, { mine: true, text: '', attachments: [{ ...picture, url: 'https://chat.test/api/chat/files/f?s=1' }] }))
    expect(screen.queryByRole('progressbar')).toBeNull()
  })

  test('shows a file by its name and size', () => {
    draw(message(1, { text: '', attachments: [{ id: 'f', kind: 'file', name: 'plan.pdf', type: 'application/pdf', size: 42_000, url: '/f' }] }))
    expect(screen.getByText('plan.pdf')).toBeTruthy()
    expect(screen.getByText('42 kB')).toBeTruthy()
  })

  test('shows an object of the host app in the way the host app gives for it', () => {
    cards.order = ({ card }) => <Text>Order {String(card.number)}</Text>
    draw(message(1, { text: '', card: { type: 'order', number: 7 } }))
    expect(screen.getByText('Order 7')).toBeTruthy()
    delete cards.order
  })

  test('shows what a card of the host app says of itself, and opens no address that is not of the web', () => {
    draw(
      message(1, {
        mine: true,
        state: 'sending',
        text: '',
        card: { type: 'post', title: 'Opening night', url: 'javascript:alert(1)' } as Message['card'],
      }),
    )
    expect(screen.getByText('Opening night')).toBeTruthy()
    expect(screen.queryByRole('link')).toBeNull()
  })
})
