import { beforeEach, describe, expect, test } from '@jest/globals'
import { act, fireEvent, screen, within } from '@testing-library/react-native'
import { ChatScreen } from '../src/chat/ChatScreen'
import { forgetDrafts } from '../src/chat/drafts'
import { draw, meet, pass, type Setting, type Two } from './stage'

beforeEach(() => forgetDrafts())

const open = async (setting: Setting = {}, said: (two: Two) => void = () => {}) => {
  const set = await meet(setting)
  said(set)
  await pass(100)
  await draw(set, <ChatScreen id="bob" />)
  await pass(500)
  return set
}
const say = async (text: string) => {
  fireEvent.changeText(screen.getByLabelText(/^Message to/), text)
  fireEvent.press(screen.getByLabelText('Send'))
  await pass(50)
}
const labels = () => screen.UNSAFE_queryAllByProps({ role: 'listitem' }).map((one) => one.props['aria-label'] as string | undefined)
const labelOf = (text: string) => labels().find((label) => label?.includes(text))

describe('a chat', () => {
  test('that is new says so; what is said shows at once, and then how far it has come', async () => {
    const { bob } = await open()
    expect(screen.getByText(/^Say hello to/)).toBeTruthy()
    await say('hello')
    expect(labelOf('hello')).toMatch(/Sen(ding|t)$/)
    await pass(500)
    bob.with('ada').open()
    await pass(500)
    bob.with('ada').markRead()
    await pass(2_000)
    expect(labelOf('hello')).toMatch(/Read$/)
  })

  test('takes text without a connection; it waits visibly and goes out by itself', async () => {
    const { net } = await open({}, ({ net }) => net.backend.write('bob', 'ada', 'before'))
    net.socketMode = 'refuse'
    net.request = () => 'fail'
    await act(async () => {
      for (const socket of net.open) socket.fail(1006)
    })
    await pass(3_000)
    await say('written on the train')
    expect(labelOf('written on the train')).toMatch(/Waiting for the connection$/)
    expect(screen.getByText('Waiting for the connection')).toBeTruthy()
    net.socketMode = 'ok'
    net.request = () => undefined
    await pass(30_000)
    expect(screen.queryByText('Waiting for the connection')).toBeNull()
    expect(net.backend.messages('ada', 'bob').filter(({ message }) => message === 'written on the train')).toHaveLength(1)
  })

  test('shows what was refused, and sends it again under the same id, or drops it', async () => {
    const { net } = await open()
    net.backend.refuse = () => ({ code: 'blocked', message: 'Not allowed.', retryable: false })
    await say('one')
    await pass(500)
    expect(screen.getByText('Not sent: Not allowed.')).toBeTruthy()
    net.backend.refuse = () => undefined
    fireEvent.press(screen.getByText('Try again'))
    await pass(500)
    expect(screen.queryByText(/Not sent/)).toBeNull()
    expect(new Set(net.backend.arrivals.filter((id) => !id.startsWith('draft '))).size).toBe(1)
    expect(net.backend.messages('ada', 'bob')).toHaveLength(1)
  })

  test('says what comes to those who listen, once, and shows it', async () => {
    const { net } = await open({}, ({ net }) => net.backend.write('bob', 'ada', 'before'))
    const said = () => screen.UNSAFE_getAllByProps({ role: 'status' }).map((one) => within(one).queryByText(/./)?.props.children)
    expect(said().join()).not.toContain('before')
    net.backend.write('bob', 'ada', 'just now')
    await pass(100)
    expect(said()).toContain('BOB: just now')
    await pass(6_000)
    expect(said().join()).not.toContain('just now')
  })

  test('has a line before what is unread', async () => {
    await open({}, ({ net }) => {
      net.backend.write('ada', 'bob', 'mine')
      for (const text of ['one', 'two']) net.backend.write('bob', 'ada', text)
    })
    expect(screen.getByText('New messages')).toBeTruthy()
  })

  test('loads older ones, and says where it begins', async () => {
    await open({}, ({ net }) => {
      for (let i = 1; i <= 70; i++) net.backend.write('bob', 'ada', `line ${i}.`)
    })
    expect(screen.queryByText('line 20.')).toBeNull()
    expect(screen.getByText('Loading older messages')).toBeTruthy()
    fireEvent(screen.getByTestId('messages'), 'scrollBeginDrag')
    await pass(200)
    expect(screen.getByText('line 1.')).toBeTruthy()
    expect(screen.getByText('The beginning of this chat')).toBeTruthy()
  })

  test('opens at a message that is looked for, however far up it is', async () => {
    const set = await meet()
    const ids = Array.from({ length: 180 }, (_, i) => set.net.backend.write('bob', 'ada', `line ${i + 1}.`).id as string)
    await pass(100)
    await draw(set, <ChatScreen id="bob" at={ids[4]} />)
    await pass(1_000)
    expect(screen.getByText('line 5.')).toBeTruthy()
  })

  test('answers a message: the box says which, and the answer quotes it', async () => {
    await open({}, ({ net }) => net.backend.write('bob', 'ada', 'we have won'))
    fireEvent.press(screen.getByLabelText('Message options'))
    await pass(50)
    fireEvent.press(screen.getByText('Reply'))
    await pass(100)
    expect(screen.getByText(/^Reply to/)).toBeTruthy()
    await say('by how much?')
    await pass(300)
    expect(screen.getByLabelText('Quoted: we have won')).toBeTruthy()
    expect(screen.queryByText(/^Reply to/)).toBeNull()
  })

  test('changes a message: its words are in the box, and no draft is lost', async () => {
    const { net } = await open({}, ({ net }) => net.backend.write('ada', 'bob', 'on Mnday'))
    fireEvent.press(screen.getByLabelText('Message options'))
    await pass(50)
    fireEvent.press(screen.getByText('Edit'))
    await pass(100)
    const box = screen.getByLabelText(/^Message to/)
    expect(box.props.value).toBe('on Mnday')
    fireEvent.changeText(box, 'on Monday')
    fireEvent.press(screen.getByLabelText('Save'))
    await pass(500)
    expect(net.backend.messages('ada', 'bob')[0]!.message).toBe('on Monday')
    expect(screen.getByText('edited')).toBeTruthy()
  })

  test('is muted for as long as one chooses, and sounds again', async () => {
    const { chat } = await open({}, ({ net }) => net.backend.write('bob', 'ada', 'hello'))
    fireEvent.press(screen.getByLabelText('More'))
    await pass(50)
    fireEvent.press(screen.getByText('Mute'))
    await pass(50)
    fireEvent.press(screen.getByText('For a week'))
    await pass(300)
    const { muted, mutedUntil } = chat.with('bob')
    expect(muted).toBe(true)
    expect(Math.round((Date.parse(mutedUntil!) - Date.now()) / 86_400_000)).toBe(7)
    fireEvent.press(screen.getByLabelText('More'))
    await pass(50)
    fireEvent.press(screen.getByText('Unmute'))
    await pass(300)
    expect(chat.with('bob').muted).toBe(false)
  })
})

describe('a group', () => {
  const inGroup = async (fields: object = {}, role = 'owner') => {
    const set = await meet()
    const creator = role === 'owner' ? set.chat : set.bob
    const made = creator.createGroup({ name: 'Climbing', members: [role === 'owner' ? 'bob' : 'ada'], ...fields })
    await pass(300)
    const group = await made
    set.bob.conversation(group.id).send('who comes?')
    await pass(300)
    await draw(set, <ChatScreen id={`group/${group.id}`} />)
    await pass(500)
    return { ...set, group }
  }

  test('shows who wrote, how many there are, and who types', async () => {
    const { bob, group } = await inGroup()
    expect(screen.getByText('2 members')).toBeTruthy()
    expect(labelOf('who comes?')).toMatch(/^BOB, /i)
    bob.conversation(group.id).setTyping()
    await pass(50)
    expect(screen.getByText(/is typing…/)).toBeTruthy()
  })

  test('in which only admins write has no box for the others, and says why', async () => {
    await inGroup({ announcements: true }, 'member')
    expect(screen.getByText('Only admins write in this group.')).toBeTruthy()
    expect(screen.queryByLabelText(/^Message to/)).toBeNull()
  })
})
