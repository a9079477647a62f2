import { beforeEach, describe, expect, test } from '@jest/globals'
import { fireEvent, render, screen } from '@testing-library/react-native'
import { type About, Composer } from '../src/chat/Composer'
import { forgetDrafts } from '../src/chat/drafts'

const sent: string[] = []
beforeEach(() => {
  sent.splice(0)
  forgetDrafts()
})

const draw = (more: Partial<Parameters<typeof Composer>[0]> = {}) =>
  render(
    <Composer chat="bob" name="Bob" about={null} onSend={(text) => void sent.push(text)} onCancel={() => void sent.push('cancelled')} {...more} />,
  )
const box = () => screen.getByLabelText('Message to Bob')
const write = (text: string) => fireEvent.changeText(box(), text)

describe('the box to write in', () => {
  test('sends what was written without the space around it, and is empty after', () => {
    draw()
    write('  hello\nthere ')
    fireEvent.press(screen.getByLabelText('Send'))
    expect(sent).toEqual(['hello\nthere'])
    expect(box().props.value).toBe('')
  })

  test('sends nothing where nothing is written', () => {
    draw()
    write('  \n')
    fireEvent.press(screen.getByLabelText('Send'))
    expect(sent).toEqual([])
  })

  test('keeps what was begun for each chat, and prefers it to what another device began', () => {
    draw().unmount()
    draw()
    write('for bob')
    screen.unmount()
    draw({ chat: 'eve' })
    expect(box().props.value).toBe('')
    screen.unmount()
    draw({ begun: 'on another device' })
    expect(box().props.value).toBe('for bob')
    screen.unmount()
    draw({ chat: 'new', begun: 'on another device' })
    expect(box().props.value).toBe('on another device')
  })

  test('tells what is being written, and that it is', () => {
    const told: string[] = []
    draw({ onDraft: (text) => void told.push(text), onType: () => void told.push('types') })
    write('h')
    write('')
    expect(told).toEqual(['h', 'types', ''])
  })

  test('says what an answer is about, and takes it back', () => {
    const about: About = { kind: 'reply', title: 'Reply to Bob', text: 'we have won' }
    draw({ about })
    expect(screen.getByText('Reply to Bob')).toBeTruthy()
    expect(screen.getByText('we have won')).toBeTruthy()
    fireEvent.press(screen.getByLabelText('Cancel'))
    expect(sent).toEqual(['cancelled'])
  })

  test('while a message is changed keeps the draft for later', () => {
    draw()
    write('a draft')
    screen.rerender(
      <Composer
        chat="bob"
        name="Bob"
        about={{ kind: 'edit', title: 'Editing', text: 'old' }}
        onSend={(text) => void sent.push(text)}
        onCancel={() => {}}
      />,
    )
    write('new words')
    fireEvent.press(screen.getByLabelText('Cancel'))
    expect(box().props.value).toBe('a draft')
    expect(screen.queryByLabelText('Send')).toBeNull()
    expect(screen.getByLabelText('Save')).toBeTruthy()
  })

  test('has emoji at a glance', () => {
    draw()
    write('well ')
    fireEvent.press(screen.getByLabelText('Emoji'))
    fireEvent.press(screen.getByLabelText('🎉'))
    expect(box().props.value).toBe('well 🎉')
  })

  test('offers those who can be meant after an @', () => {
    draw({
      members: new Map([
        ['b', 'Bob Stone'],
        ['c', 'Bobby'],
        ['e', 'Eve'],
      ]),
    })
    write('and @bob')
    expect(screen.getAllByRole('option').map((one) => one.props.accessibilityLabel ?? one.props['aria-label'])).toHaveLength(2)
    fireEvent.press(screen.getByText('Bobby'))
    expect(box().props.value).toBe('and @Bobby ')
  })

  test('offers no file and no voice where they are not taken', () => {
    draw()
    expect(screen.queryByLabelText('Add a picture or file')).toBeNull()
    expect(screen.queryByLabelText('Record a voice message')).toBeNull()
    draw({ onAttach: () => void sent.push('attach') })
    fireEvent.press(screen.getByLabelText('Add a picture or file'))
    expect(sent).toEqual(['attach'])
  })
})
