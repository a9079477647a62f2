import { describe, expect, test } from '@jest/globals'
import { fireEvent, screen } from '@testing-library/react-native'
import type { Message, SearchQuery } from '@tieline/client'
import { type ReactElement, useState } from 'react'
import { ChatScreen } from '../src/chat/ChatScreen'
import { MessageMenu } from '../src/chat/MessageMenu'
import { NewChat } from '../src/list/NewChat'
import { PrivacySetting } from '../src/list/PrivacySetting'
import { SearchResults } from '../src/list/SearchResults'
import { draw, everything, meet, pass, type Two } from './stage'

const nothing = () => {}

/** The menu of the newest message of one of the two. */
const menuOf = (who: 'ada' | 'bob') => (set: Two) => {
  const conversation = set.chat.with('bob')
  const message = [...conversation.messages].reverse().find(({ mine }) => mine === (who === 'ada')) as Message
  const rest = { onClose: nothing, onReply: nothing, onEdit: nothing, onDelete: nothing, onForward: nothing, onReport: nothing }
  return <MessageMenu message={message} conversation={conversation} me="ada" at={{ x: 0, y: 0 }} {...rest} />
}
const chat = () => <ChatScreen id="bob" />

interface Place {
  feature: string
  where: string
  draws(set: Two): ReactElement
  /** Leads to it. */
  go?(set: Two): Promise<void>
  shows: string | RegExp
}

const more = async () => {
  fireEvent.press(screen.getByLabelText('More'))
  await pass(50)
}

/** Every feature that `hello` may list, and what stands in the screens where it does. */
const places: Place[] = [
  { feature: 'reply', where: 'menu of a message', draws: menuOf('bob'), shows: 'Reply' },
  { feature: 'forward', where: 'menu of a message', draws: menuOf('bob'), shows: 'Forward' },
  { feature: 'edit', where: 'menu of my message', draws: menuOf('ada'), shows: 'Edit' },
  { feature: 'delete', where: 'menu of a message', draws: menuOf('bob'), shows: 'Delete' },
  { feature: 'react', where: 'menu of a message', draws: menuOf('bob'), shows: '👍' },
  { feature: 'pin', where: 'menu of a message', draws: menuOf('bob'), shows: 'Pin' },
  { feature: 'star', where: 'menu of a message', draws: menuOf('bob'), shows: 'Star' },
  { feature: 'report', where: 'menu of a message', draws: menuOf('bob'), shows: 'Report' },
  { feature: 'report', where: 'menu of the chat', draws: chat, go: more, shows: 'Report' },
  { feature: 'pin', where: 'menu of the chat', draws: chat, go: more, shows: 'Pinned messages' },
  { feature: 'disappear', where: 'menu of the chat', draws: chat, go: more, shows: 'Disappearing messages' },
  {
    feature: 'mute_until',
    where: 'mute',
    draws: chat,
    go: async () => {
      await more()
      fireEvent.press(screen.getByText('Mute'))
      await pass(50)
    },
    shows: 'For 8 hours',
  },
  { feature: 'attachments', where: 'box to write in', draws: chat, shows: 'Add a picture or file' },
  { feature: 'groups', where: 'new chat', draws: () => <NewChat onClose={nothing} onOpen={nothing} />, shows: 'New group' },
  { feature: 'privacy', where: 'settings', draws: () => <PrivacySetting />, shows: 'Others see when I am online' },
  {
    feature: 'presence',
    where: 'head of the chat',
    draws: chat,
    shows: 'online',
  },
  {
    feature: 'typing',
    where: 'head of the chat',
    draws: chat,
    go: async ({ bob }) => {
      bob.with('ada').setTyping()
      await pass(50)
    },
    shows: 'typing…',
  },
  {
    feature: 'search',
    where: 'search',
    draws: () => <SearchResults query="old" rows={[]} filters={false} onFilters={nothing} onOpen={nothing} />,
    go: () => pass(500),
    shows: 'an old one',
  },
]

const seen = (what: string | RegExp) => screen.queryAllByText(what).length + screen.queryAllByLabelText(what).length > 0

async function at({ draws, go }: Place, features: readonly string[]): Promise<Two> {
  const set = await meet({ features })
  set.net.backend.write('bob', 'ada', 'an old one')
  set.net.backend.write('ada', 'bob', 'mine')
  set.chat.with('bob').open()
  await pass(500)
  await draw(set, draws(set))
  await go?.(set)
  return set
}

describe('what the server offers has its place, and what it does not offer has none', () => {
  test.each(places.map((place) => [place.feature, place.where, place] as const))('%s: %s', async (feature, _, place) => {
    await at(place, everything)
    expect(seen(place.shows)).toBe(true)
    screen.unmount()
    await at(
      place,
      everything.filter((one) => one !== feature),
    )
    expect(seen(place.shows)).toBe(false)
  })
})

test('what is found is narrowed to a person and to a time', async () => {
  const row = { kind: 'direct', avatar: null, last: null, unread: 0, muted: false, blocked: false, draft: null, typing: false } as const
  const set = await meet({ features: everything })
  set.net.backend.write('bob', 'ada', 'an old one')
  const asked: SearchQuery[] = []
  const search = set.chat.search.bind(set.chat)
  set.chat.search = (query) => {
    asked.push(query)
    return search(query)
  }
  const Searching = () => {
    const [filters, setFilters] = useState(false)
    return <SearchResults query="old" rows={[{ ...row, id: 'bob', name: 'Robert' }]} filters={filters} onFilters={setFilters} onOpen={nothing} />
  }
  await draw(set, <Searching />)
  await pass(500)
  fireEvent.press(screen.getByLabelText('By person and date'))
  await pass(500)
  fireEvent.press(screen.getByText('Robert'))
  await pass(500)
  fireEvent.press(screen.getByText('Last week'))
  await pass(500)
  const { from, after } = asked.at(-1) as SearchQuery
  expect(from).toBe('bob')
  expect(Math.round((Date.now() - Number(after)) / 86_400_000)).toBe(7)
  fireEvent.press(screen.getByText('Days of your choice'))
  fireEvent.changeText(screen.getByLabelText('From'), '2/31/2026')
  expect(screen.getByText('No such day')).toBeTruthy()
  fireEvent.changeText(screen.getByLabelText('From'), '2/28/2026')
  fireEvent.changeText(screen.getByLabelText('To'), '2026-03-01')
  fireEvent.press(screen.getByLabelText('Only pictures'))
  await pass(500)
  expect(asked.at(-1)).toEqual({ text: 'old', has: 'image', from: 'bob', after: new Date(2026, 1, 28), before: new Date(2026, 2, 2) })
})
