// Takes the pictures in docs/screens: the app as it was built, against a real server, in Debian's Chromium.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { person, repository, stand } from './stand.mjs'

const target = join(repository, 'docs/screens')
const LARGEST = 150_000
const ALL = 1_500_000
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } }

await stand(async ({ url, browser }) => {
  mkdirSync(target, { recursive: true })
  const { me, amina, group } = await conversations(url, await landscape(browser))
  let all = 0
  for (const [size, viewport] of Object.entries(sizes))
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' })
      const page = await context.newPage()
      const take = async (name) => {
        await page.waitForFunction(() => [...document.images].every((image) => image.complete))
        // The line that says "connecting" comes and goes with a movement; a picture wants none.
        await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'))
        const path = join(target, `${name}-${size}-${colorScheme}.png`)
        await page.screenshot({ path, caret: 'hide' })
        const bytes = statSync(path).size
        all += bytes
        if (bytes > LARGEST) throw new Error(`${path} has ${bytes} bytes.`)
      }
      await page.goto(url)
      await page.getByLabel('Password').first().waitFor()
      await take('sign-in')
      await page.goto(`${url}/chat#token=${me.token}`)
      await page.getByRole('link', { name: /Amina/ }).waitFor()
      await take('list')
      await page.goto(`${url}/chat/${amina.id}`)
      await page.getByText('See you tonight').last().waitFor()
      await page.waitForFunction(() => [...document.images].some((image) => image.naturalWidth > 100))
      await take('chat')
      await page.goto(`${url}/chat/group/${group}`)
      await page.getByText('cannot be late').last().waitFor()
      await take('group')
      await page.goto(`${url}/connection`)
      await page.getByRole('button', { name: /Copy report/ }).waitFor()
      await page.getByText('WebSocket').first().waitFor()
      await take('connection')
      await context.close()
    }
  if (all > ALL) throw new Error(`The pictures have ${all} bytes together.`)
  console.log(`20 pictures, ${Math.round(all / 1000)} kB, in docs/screens`)
})

/** People of a small theatre, who have something to say to each other. */
async function conversations(url, picture) {
  const names = ['Maya Lindqvist', 'Amina Yusuf', 'Jonas Weber', 'Priya Nair', 'Omar Haddad', 'Lucía Fernández']
  const [me, amina, jonas, priya, omar, lucia] = await Promise.all(names.map((name) => person(url, name)))
  const to = ({ id }) => ({ to: id })
  await lucia.say(to(me), '¡Nos vemos el jueves!')
  await omar.say(to(me), 'وصلت الكتب هذا الصباح، شكرًا لك 🙏')
  const welcome = await me.say(to(omar), 'على الرحب والسعة!')
  await me.call('v2/read', { conversation: welcome.conversation, seq: welcome.seq })
  await priya.say(to(me), 'Did the invoice arrive?')
  const paid = await me.say(to(priya), 'Yes, paid on Monday.')
  await me.call('v2/read', { conversation: paid.conversation, seq: paid.seq })
  const { conversation: group } = await me.call('v2/group_create', { name: 'Sunday climbers', members: [amina.id, jonas.id, priya.id] })
  const inside = { conversation: group }
  const hall = await jonas.say(inside, 'The hall opens at nine. I have the long rope.')
  await me.say(inside, 'Then I take the two short ones and the chalk.')
  const cake = await priya.say(inside, 'I bring the cake 🍰')
  await me.call('v2/react', { id: cake.id, emoji: '😍' })
  await jonas.call('v2/react', { id: cake.id, emoji: '😍' })
  await amina.say(inside, 'Nine? Then I cannot be late.', { reply_to: hall.id })
  await amina.say(to(me), 'Morning! Are we still on for the rehearsal?')
  const plan = await me.say(to(amina), 'Yes. Seven o’clock at the old theatre, the side door is open.')
  await amina.say(to(me), 'Perfect, I will bring the lamps and two extension leads.', { reply_to: plan.id })
  const sky = await amina.say(to(me), 'The backdrop is dry 🎨', { attachments: [{ id: await amina.upload(picture, 'backdrop.jpg') }] })
  await me.call('v2/react', { id: sky.id, emoji: '❤️' })
  await me.say(to(amina), 'And the piano has been tuned at last. It sounds like a different instrument.')
  const last = await me.say(to(amina), 'See you tonight!')
  await me.call('v2/read', { conversation: last.conversation, seq: last.seq })
  await amina.call('v2/read', { conversation: last.conversation, seq: last.seq })
  await jonas.say(to(me), 'Can you send me the photos from Saturday?')
  await jonas.say(to(me), 'No hurry.')
  return { me, amina, group }
}

/** A painted sky, so that no photograph with an owner is needed. */
async function landscape(browser) {
  const page = await browser.newPage({ viewport: { width: 640, height: 400 } })
  await page.setContent(`<style>body{margin:0}</style><svg width="640" height="400">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#27408b"/><stop offset=".6" stop-color="#e88a6a"/><stop offset="1" stop-color="#ffd9a0"/></linearGradient></defs>
    <rect width="640" height="400" fill="url(#sky)"/><circle cx="430" cy="238" r="46" fill="#fff1cf"/>
    <path d="M0 280 L110 190 L220 270 L340 165 L470 275 L560 215 L640 265 V400 H0Z" fill="#5b4a7d"/>
    <path d="M0 330 L150 260 L300 325 L450 270 L640 335 V400 H0Z" fill="#352f57"/></svg>`)
  const bytes = await page.screenshot({ type: 'jpeg', quality: 80 })
  await page.close()
  return bytes
}
