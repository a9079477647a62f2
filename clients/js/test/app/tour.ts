import type { Person } from './people.js'
import type { Screen } from './screen.js'
import type { Stage } from './stage.js'

/** A screen of the app, and how to get there from the one before. */
export type Stop = readonly [name: string, go: (screen: Screen) => Promise<void>]

export interface World {
  me: { id: string; token: string }
  people: readonly { id: string; name: string; token: string }[]
  group: string
}

type Speaker = { token: string }

/** People who have said something, so that there is something to see. */
export async function peopled(stage: Stage, suffix = ''): Promise<World> {
  const { server } = stage
  const call = async ({ token }: Speaker, path: string, body: object) => {
    const answer = await fetch(`${server.url}/api/chat/${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_id: crypto.randomUUID(), ...body }),
    })
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return (await answer.json()) as { id: string; conversation: string; seq: number }
  }
  const me = await server.person(`maya${suffix}`, 'Maya Lindqvist')
  const people = []
  for (const name of ['Amina Yusuf', 'Jonas Weber', 'Priya Nair', 'Omar Haddad', 'Lucía Fernández'])
    people.push({ name, ...(await server.person(`${name.split(' ')[0]!.normalize('NFD').replace(/\W/g, '').toLowerCase()}${suffix}`, name)) })
  const [amina, jonas, priya, omar, lucia] = people as [Person, Person, Person, Person, Person]
  const say = (from: Speaker, to: { id: string }, message: string, more: object = {}) => call(from, 'messages', { to: to.id, message, ...more })
  await say(lucia, me, '¡Nos vemos el jueves!')
  await say(omar, me, 'وصلت الكتب هذا الصباح، شكرًا لك 🙏')
  await say(me, omar, 'على الرحب والسعة!')
  await say(priya, me, 'Did the invoice arrive?')
  await say(me, priya, 'Yes, paid on Monday.')
  const { conversation: group } = await call(me, 'v2/group_create', { name: 'Sunday climbers', members: [amina.id, jonas.id, priya.id] })
  const inGroup = (from: Speaker, message: string) => call(from, 'messages', { conversation: group, message })
  await inGroup(jonas, 'The hall opens at nine. I have the long rope.')
  await inGroup(priya, 'I bring the cake 🍰')
  await inGroup(amina, 'Then I cannot be late.')
  await say(amina, me, 'Morning! Are we still on for the rehearsal?')
  const plan = await say(me, amina, 'Yes. Seven o’clock at the old theatre, the side door is open.')
  await say(amina, me, 'Perfect, I will bring the lamps and two extension leads.', { reply_to: plan.id })
  const route = await say(amina, me, 'The way from the station: https://example.org/route/old-theatre')
  await call(me, 'v2/react', { id: route.id, emoji: '👍' })
  await say(me, amina, 'And the piano has been tuned at last.\nIt sounds like a different instrument.')
  const sweet = await say(amina, me, '🎉')
  await call(me, 'v2/react', { id: sweet.id, emoji: '❤️' })
  await say(me, amina, 'See you tonight!')
  await say(jonas, me, 'Can you send me the photos from Saturday?')
  await say(jonas, me, 'No hurry.')
  return { me, people, group }
}

/** Every screen and panel, in light or dark, wide or narrow. */
export const stops: readonly Stop[] = [
  ['list and chat', (screen) => screen.click({ name: 'Amina', role: 'link' }).then(() => screen.sees('See you tonight'))],
  ['menu of a message', (screen) => screen.click({ name: 'Message options', in: 'piano' }).then(() => screen.has('Copy', 'menuitem'))],
  [
    'menu of a chat',
    (screen) =>
      back(screen)
        .then(() => screen.click({ name: 'More', role: 'button' }))
        .then(() => screen.has('Mute', 'menuitem')),
  ],
  ['mute', (screen) => screen.click({ name: 'Mute', role: 'menuitem' }).then(() => screen.has('For a week', 'button'))],
  ['disappear', (screen) => more(screen, 'Disappearing messages').then(() => screen.has('1 hour', 'radio'))],
  ['profile', (screen) => more(screen, 'View profile').then(() => screen.has('View profile', 'heading'))],
  ['delete', (screen) => option(screen, 'piano', 'Delete').then(() => screen.has('Delete for me', 'button'))],
  ['forward', (screen) => option(screen, 'piano', 'Forward').then(() => screen.has('Forward to', 'heading'))],
  ['answering', (screen) => option(screen, 'piano', 'Reply').then(() => screen.sees('Reply to'))],
  [
    'emoji',
    (screen) =>
      back(screen)
        .then(() => screen.click('Emoji'))
        .then(() => screen.has('🎁', 'button')),
  ],
  ['report', (screen) => more(screen, 'Report').then(() => screen.has('Spam', 'radio'))],
  ['clear', (screen) => more(screen, 'Clear chat').then(() => screen.has('Cancel', 'button'))],
  ['block', (screen) => more(screen, 'Block').then(() => screen.has('Cancel', 'button'))],
  ['pinned', (screen) => more(screen, 'Pinned messages').then(() => screen.sees('Nothing is pinned'))],
  [
    'search',
    (screen) =>
      back(screen)
        .then(() => screen.fill('Search people', 'theatre'))
        .then(() => screen.sees('Messages\n')),
  ],
  [
    'search by person and date',
    (screen) =>
      screen
        .click({ name: 'By person and date', role: 'switch' })
        .then(() => screen.click({ name: 'Days of your choice', role: 'radio' }))
        .then(() => screen.has('From', 'field')),
  ],
  [
    'group',
    (screen) =>
      back(screen)
        .then(() => screen.click({ name: 'Sunday climbers', role: 'link' }))
        .then(() => screen.sees('long rope')),
  ],
  ['group info', (screen) => more(screen, 'Group info').then(() => screen.has('Leave group', 'button'))],
  [
    'new chat',
    (screen) =>
      back(screen)
        .then(() => screen.click('New chat'))
        .then(() => screen.has('Find', 'button')),
  ],
  ['new group', (screen) => screen.click('New group').then(() => screen.has('Create group', 'button'))],
  [
    'settings',
    (screen) =>
      back(screen)
        .then(() => screen.click('Settings'))
        .then(() => screen.has('Sign out', 'button')),
  ],
  ['starred', (screen) => screen.click({ name: 'Starred messages', role: 'button' }).then(() => screen.sees('collected here'))],
  [
    'sign out',
    (screen) =>
      back(screen)
        .then(() => screen.click('Settings'))
        .then(() => screen.click({ name: 'Sign out', role: 'button' }))
        .then(() => screen.has('Cancel', 'button')),
  ],
  [
    'connection',
    (screen) =>
      back(screen)
        .then(() => screen.click('Settings'))
        .then(() => screen.click({ name: 'Connection', role: 'button' }))
        .then(() => screen.has('Copy report', 'button')),
  ],
]

const back = (screen: Screen) => screen.press('Escape')
const option = async (screen: Screen, message: string, item: string) => {
  await back(screen)
  await screen.click({ name: 'Message options', in: message })
  await screen.click({ name: item, role: 'menuitem' })
}
const more = async (screen: Screen, item: string) => {
  await back(screen)
  await screen.click({ name: 'More', role: 'button' })
  await screen.click({ name: item, role: 'menuitem' })
}
