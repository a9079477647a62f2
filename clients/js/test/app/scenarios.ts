import { expect } from 'vitest'
import type { Pair } from './people.js'
import { chatScenarios } from './scenarios.chats.js'

export type Scenario = (pair: Pair) => Promise<void>

/** What people do, in the order they do it; each leaves both in each other's chat. */
export const scenarios: Record<string, Scenario> = {
  'a message is sent, delivered and read, and says so': async (pair) => {
    const { ada, bob, way } = pair
    if (way === 'cut in the middle') {
      await ada.gate.cut()
      await ada.screen.say('written in a tunnel')
      await ada.screen.sees('Waiting for the connection')
      await ada.gate.up()
    } else await ada.screen.say('written in a tunnel')
    await bob.screen.sees('written in a tunnel')
    await ada.screen.has('written in a tunnel. Read', 'listitem')
    expect(await bob.screen.count({ name: 'written in a tunnel', role: 'listitem' })).toBe(1)
    await bob.screen.click('Back to the chats')
    await bob.screen.sees('Chats')
    await pair.middle(() => ada.screen.say('while nobody looks'))
    await ada.screen.has('while nobody looks. Delivered', 'listitem')
    await bob.screen.has('1 unread message', 'img')
    await bob.screen.click({ name: 'while nobody looks', role: 'link' })
    await ada.screen.has('while nobody looks. Read', 'listitem')
    await bob.screen.say('and back')
    await ada.screen.sees('and back')
  },

  'the line says slower updates where there is no WebSocket, and why; a message is stored within 2 s all the same': async ({ ada, way }) => {
    if (way === 'without the upgrade rule') await ada.screen.sees('slower updates')
    else expect(await ada.screen.text()).not.toContain('slower updates')
    await ada.screen.write('how long does it take')
    await ada.screen.page.evaluate(() => {
      const page = globalThis as unknown as { took: Promise<number> }
      page.took = new Promise<number>((done) => {
        const sent = () =>
          [...document.querySelectorAll('[role="listitem"]')].some((one) =>
            /how long does it take\. (Sent|Delivered|Read)/.test(one.getAttribute('aria-label') ?? ''),
          )
        let began = 0
        addEventListener('keydown', () => (began ||= performance.now()), true)
        const look = () => (began && sent() ? done(performance.now() - began) : setTimeout(look, 10))
        look()
      })
    }, undefined)
    await ada.screen.press('Enter')
    expect(await ada.screen.page.evaluate(() => (globalThis as unknown as { took: Promise<number> }).took, undefined)).toBeLessThan(2_000)
    if (way !== 'without the upgrade rule') return
    await ada.screen.click('Why?')
    await ada.screen.sees('proxy_set_header Upgrade')
    expect((await ada.screen.text()).replace(/\s+/g, ' ')).toMatch(/WebSocket .*failed.* Stream .*in use/)
    await ada.screen.click('Copy report')
    await ada.screen.sees('Copied')
    await ada.screen.click('Back to the chats')
    await ada.screen.has('Message to', 'field')
  },

  'one sees the other type': async ({ ada, bob }) => {
    await bob.screen.write('h')
    await ada.screen.until('typing…', async () => {
      // It is told every 2.5 s while one writes on.
      await bob.screen.type('m')
      return (await ada.screen.text()).includes('typing…')
    })
    await bob.screen.say(', yes')
    await ada.screen.sees('m, yes')
    await ada.screen.lost('typing…')
  },

  'a message is changed': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.say('see you on Mnday')
    await bob.screen.sees('see you on Mnday')
    await pair.middle(async () => {
      await pair.menu(ada, 'see you on Mnday', 'Edit')
      await ada.screen.sees('Editing')
      await ada.screen.fill('Message to', 'see you on Monday')
      await ada.screen.press('Enter')
      await ada.screen.sees('see you on Monday')
    })
    await bob.screen.sees('see you on Monday')
    await bob.screen.sees('edited')
    expect(await ada.screen.value('Message to')).toBe('')
  },

  'a message is deleted for all': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.say('said in anger')
    await bob.screen.sees('said in anger')
    await pair.middle(async () => {
      await pair.menu(ada, 'said in anger', 'Delete')
      await ada.screen.click('Delete for everyone')
      await ada.screen.hasNot('said in anger', 'listitem')
    })
    await ada.screen.lost('said in anger')
    await bob.screen.lost('said in anger')
    await bob.screen.sees('This message was deleted')
  },

  'a message is reacted to, and the reaction taken back': async (pair) => {
    const { ada, bob } = pair
    await bob.screen.say('we have won')
    await ada.screen.sees('we have won')
    await pair.middle(async () => {
      await ada.screen.click({ name: 'Message options', in: 'we have won' })
      await ada.screen.click({ name: '👍', role: 'button' })
      await ada.screen.has('👍 1', 'button', 'we have won')
    })
    await bob.screen.has('👍 1', 'button', 'we have won')
    await ada.screen.click({ name: '👍 1', in: 'we have won' })
    await bob.screen.hasNot('👍 1')
  },

  'a message is answered, and the answer leads back to it': async (pair) => {
    const { ada, bob } = pair
    await pair.middle(async () => {
      await pair.menu(ada, 'we have won', 'Reply')
      await ada.screen.sees(`Reply to ${bob.name}`)
      await ada.screen.say('by how much?')
      await ada.screen.has('Quoted: we have won', 'button', 'by how much?')
    })
    await bob.screen.sees('by how much?')
    await bob.screen.click({ name: 'Quoted: we have won', in: 'by how much?' })
    await bob.screen.has('we have won', 'listitem')
  },

  'a text is copied': async (pair) => {
    const { ada } = pair
    await pair.menu(ada, 'we have won', 'Copy')
    await ada.screen.sees('Copied')
    await ada.screen.click({ name: 'Message to', role: 'field' })
    await ada.screen.press('Control', 'v')
    await ada.screen.until('pasted', async () => (await ada.screen.value('Message to')) === 'we have won')
    await ada.screen.fill('Message to', '')
  },

  'a picture is pasted, sent and seen': async (pair) => {
    const { ada, bob } = pair
    await pair.middle(() =>
      ada.screen.page.evaluate(async () => {
        const canvas = document.createElement('canvas')
        canvas.width = 640
        canvas.height = 400
        const paint = canvas.getContext('2d')!
        for (let i = 0; i < 40; i++) {
          paint.fillStyle = `hsl(${i * 9} 60% 55%)`
          paint.fillRect(i * 16, 0, 16, 400)
        }
        const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.9))
        const data = new DataTransfer()
        data.items.add(new File([blob!], 'colours.jpg', { type: 'image/jpeg' }))
        // Firefox makes no paste event with files in it.
        const paste = Object.defineProperty(new Event('paste', { bubbles: true, cancelable: true }), 'clipboardData', { value: data })
        document.querySelector('textarea')!.dispatchEvent(paste)
      }, undefined),
    )
    const loaded = (screen: Pair['ada']['screen']) =>
      screen.until('a picture of the server', () =>
        screen.page.evaluate(
          () => [...document.images].some(({ src, complete, naturalWidth }) => src.includes('/api/chat/files/') && complete && naturalWidth > 0),
          undefined,
        ),
      )
    await loaded(bob.screen)
    await loaded(ada.screen)
  },

  'a group is made, and written in': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.click('New chat')
    await ada.screen.click('New group')
    await ada.screen.fill('Group name', 'Climbing')
    await ada.screen.fill('The whole e-mail', bob.name)
    await ada.screen.click({ name: 'Add members', role: 'button' })
    await ada.screen.has('Remove from group', 'button')
    await pair.middle(() => ada.screen.click('Create group'))
    await ada.screen.sees('2 members')
    await ada.screen.say('who comes on Sunday?')
    await bob.screen.click('Back to the chats')
    await bob.screen.click({ name: 'Climbing', role: 'link' })
    await bob.screen.sees('who comes on Sunday?')
    await bob.screen.say('I do')
    await ada.screen.sees('I do')
    await ada.screen.has(`${bob.name}, `, 'listitem')
    await ada.screen.click({ name: bob.name, role: 'link' })
    await ada.screen.has(`Message to ${bob.name}`, 'field')
    await bob.screen.click('Back to the chats')
    await bob.screen.click({ name: ada.name, role: 'link' })
    await bob.screen.has(`Message to ${ada.name}`, 'field')
  },

  'a group is given a picture, another one, and none': async (pair) => {
    const { ada, bob } = pair
    const shown = () =>
      bob.screen.page.evaluate(
        () => [...document.images].filter(({ src, naturalWidth }) => /\/files\/[^/]+\/picture$/.test(src) && naturalWidth > 0).map(({ src }) => src),
        undefined,
      )
    await bob.screen.click('Back to the chats')
    await ada.screen.click({ name: 'Climbing', role: 'link' })
    await ada.screen.has('Message to Climbing', 'field')
    await pair.more(ada, 'Group info')
    await ada.screen.willPick('teal')
    await pair.middle(() => ada.screen.click({ name: 'Add picture', role: 'button' }))
    await ada.screen.has('Change picture', 'button')
    await bob.screen.until('a picture of the group', async () => (await shown()).length > 0)
    const [first] = await shown()
    await ada.screen.willPick('tomato')
    await ada.screen.click({ name: 'Change picture', role: 'button' })
    await bob.screen.until('another picture', async () => (await shown()).some((src) => src !== first) && !(await shown()).includes(first!))
    expect((await fetch(first!)).status).toBe(404)
    await ada.screen.click({ name: 'Remove picture', role: 'button' })
    await ada.screen.has('Add picture', 'button')
    await bob.screen.until('no picture', async () => !(await shown()).length)
    await ada.screen.press('Escape')
    await ada.screen.sees('You removed the group’s picture')
    await ada.screen.click({ name: bob.name, role: 'link' })
    await ada.screen.has(`Message to ${bob.name}`, 'field')
    await bob.screen.click({ name: ada.name, role: 'link' })
    await bob.screen.has(`Message to ${ada.name}`, 'field')
  },

  'somebody is named in a group, and sees it': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.click({ name: 'Climbing', role: 'link' })
    await ada.screen.has('Message to Climbing', 'field')
    await ada.screen.write('and you, @')
    await ada.screen.has(bob.name, 'option')
    await ada.screen.press('Tab')
    await ada.screen.until('the name', async () => (await ada.screen.value('Message to')) === `and you, @${bob.name} `)
    await pair.middle(() => ada.screen.press('Enter'))
    await ada.screen.click({ name: bob.name, role: 'link' })
    await ada.screen.has(`Message to ${bob.name}`, 'field')
    await bob.screen.click('Back to the chats')
    await bob.screen.click({ name: 'Climbing', role: 'link' })
    await bob.screen.sees(`and you, @${bob.name}`)
    await bob.screen.click('Back to the chats')
    await bob.screen.click({ name: ada.name, role: 'link' })
    await bob.screen.has(`Message to ${ada.name}`, 'field')
  },

  'a message is forwarded, pinned and starred, and found again': async (pair) => {
    const { ada, bob } = pair
    await pair.menu(bob, 'we have won', 'Pin')
    await pair.middle(async () => {
      await pair.menu(ada, 'we have won', 'Forward')
      await ada.screen.click({ name: 'Climbing', role: 'button' })
    })
    await ada.screen.sees('Forwarded to Climbing')
    await pair.menu(ada, 'we have won', 'Star')
    await pair.more(ada, 'Pinned messages')
    await ada.screen.click({ name: 'we have won', role: 'link' })
    await ada.screen.hasNot('Pinned messages', 'heading')
    await ada.screen.click({ name: 'Climbing', role: 'link' })
    await ada.screen.has('we have won', 'listitem')
    await ada.screen.sees('Forwarded')
    await ada.screen.click('Settings')
    await ada.screen.click({ name: 'Starred messages', role: 'button' })
    await ada.screen.click({ name: 'we have won', role: 'link' })
    await ada.screen.has(`Message to ${bob.name}`, 'field')
  },

  'a voice message is recorded and heard': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.click('Record a voice message')
    await ada.screen.sees('Recording')
    await ada.screen.sees('0:01')
    await pair.middle(() => ada.screen.click('Send voice message'))
    await bob.screen.has('Play voice message', 'button')
    for (const { screen } of [ada, bob]) {
      // It is over so soon that one who looks now and then may miss it.
      await screen.page.evaluate(() => {
        const page = globalThis as { heard?: boolean }
        const look = () => {
          if (document.querySelector('[aria-label="Pause"]')) page.heard = true
        }
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
      }, undefined)
      await screen.click('Play voice message')
      await screen.until('heard', () => screen.page.evaluate(() => (globalThis as { heard?: boolean }).heard === true, undefined))
    }
  },

  'what others see of one is one’s own choice': async (pair) => {
    const { ada, bob, way } = pair
    // Over a stream presence is asked for once a minute, and when somebody looks anew.
    const look = async () => {
      if (way === 'without the upgrade rule') await bob.screen.page.reload()
    }
    // Strangers see nothing of each other, so there is something said between them.
    await ada.screen.say('here I am')
    await bob.screen.sees('here I am')
    await look()
    await bob.screen.sees('online')
    await ada.screen.click('Settings')
    await ada.screen.has('Others see when I am online', 'switch')
    await pair.middle(() => ada.screen.click({ name: 'Others see when I am online', role: 'switch' }))
    const told = (online: boolean) =>
      ada.screen.until('told', async () => {
        const answer = await fetch(`${pair.stage.server.url}/api/chat/privacy`, { headers: { Authorization: `Bearer ${ada.token}` } })
        return ((await answer.json()) as { online?: boolean }).online === online
      })
    await told(false)
    await look()
    await bob.screen.has('Message to', 'field')
    await bob.screen.lost('online')
    await ada.screen.click({ name: 'Others see when I am online', role: 'switch' })
    await told(true)
    await look()
    await bob.screen.sees('online')
    await ada.screen.press('Escape')
  },

  'what was written is found; Ctrl+K, arrows and Enter lead there, Escape leaves': async ({ ada, bob }) => {
    await ada.screen.press('Control', 'k')
    await ada.screen.type('tunnel')
    await ada.screen.sees('Messages\n')
    await ada.screen.has('written in a tunnel', 'link')
    await ada.screen.press('Escape')
    expect(await ada.screen.value('Search people')).toBe('')
    await ada.screen.press('Control', 'k')
    await ada.screen.type(bob.name.toLowerCase())
    await ada.screen.has(bob.name, 'link')
    await ada.screen.press('ArrowDown')
    await ada.screen.press('Enter')
    await ada.screen.has(`Message to ${bob.name}`, 'field')
    await ada.screen.until('an empty search', async () => (await ada.screen.value('Search people')) === '')
  },

  'a search is narrowed to a person, to days, and to pictures, with words and without': async ({ ada, bob }) => {
    const { screen } = ada
    await screen.click({ name: 'By person and date', role: 'button' })
    await screen.sees('Choose a person')
    await screen.click({ name: bob.name, role: 'radio' })
    await screen.has('we have won', 'link')
    await screen.hasNot('written in a tunnel', 'link')
    await screen.click({ name: 'Days of your choice', role: 'radio' })
    await screen.day('To', '12/31/2020')
    await screen.sees('Nothing found')
    await screen.hasNot('we have won', 'link')
    await screen.day('From', '01/01/2020')
    await screen.day('To', '12/31/2099')
    await screen.has('we have won', 'link')
    await screen.fill('Search people', 'won')
    await screen.has('we have won', 'link')
    await screen.hasNot('and back', 'link')
    await screen.click({ name: 'Only pictures', role: 'switch' })
    await screen.sees('Nothing found')
    await screen.fill('Search people', '')
    await screen.click({ name: 'Anyone', role: 'radio' })
    await screen.has('Picture', 'link')
    await screen.hasNot('we have won', 'link')
    await screen.click({ name: 'Picture', role: 'link' })
    await screen.has(`Message to ${bob.name}`, 'field')
    await screen.hasNot('Only pictures', 'switch')
  },

  'Shift+Enter breaks the line; Escape ends what was begun, arrows walk in a menu': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.write('one')
    await ada.screen.press('Shift', 'Enter')
    await ada.screen.type('two')
    expect(await ada.screen.value('Message to')).toBe('one\ntwo')
    await ada.screen.press('Enter')
    await bob.screen.sees('one\ntwo')
    await pair.menu(ada, 'two', 'Edit')
    await ada.screen.sees('Editing')
    await ada.screen.press('Escape')
    await ada.screen.lost('Editing')
    await ada.screen.click({ name: 'Message options', in: 'two' })
    await ada.screen.has('Copy', 'menuitem')
    await ada.screen.press('ArrowDown')
    await ada.screen.until('an item of the menu in focus', () =>
      ada.screen.page.evaluate(() => document.activeElement?.getAttribute('role') === 'menuitem', undefined),
    )
    await ada.screen.press('Escape')
    await ada.screen.hasNot('Copy', 'menuitem')
    await ada.screen.click('Emoji')
    await ada.screen.click({ name: '🎉', role: 'button' })
    await ada.screen.until('an emoji in the box', async () => (await ada.screen.value('Message to')) === '🎉')
    await ada.screen.press('Enter')
    await bob.screen.sees('🎉')
  },
  ...chatScenarios,
}
