// Keeps the shell of the app, so that it opens without a network. Nothing of the chat itself goes through here.
const CACHE = 'tieline-__VERSION__'
const SHELL = "__SHELL__"

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  const old = (names) => Promise.all(names.filter((name) => name.startsWith('tieline-') && name !== CACHE).map((name) => caches.delete(name)))
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return
  // The page itself comes from the server where there is one: a new version is there at once.
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => caches.match('/')))
  else if (SHELL.includes(url.pathname)) event.respondWith(caches.match(url.pathname).then((hit) => hit ?? fetch(request)))
})

// A browser learns a moment late that a page was hidden, so the page is asked; one that does not answer counts as the browser says.
const looksAt = (page) =>
  new Promise((resolve) => {
    if (page.visibilityState !== 'visible' || /^\/(api|operate)\b/.test(new URL(page.url).pathname)) return resolve(false)
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => resolve(data)
    page.postMessage({ type: 'looked' }, [port2])
    setTimeout(resolve, 1_000, true)
  })

// Of a message that came to a page; not while somebody looks at another page of the app.
self.addEventListener('message', (event) => {
  if (event.data?.type !== 'notify') return
  const { title, body, tag, path } = event.data
  const notify = async () => {
    const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
    if ((await Promise.all(pages.map(looksAt))).includes(true)) return
    await self.registration.showNotification(title, { body, tag, renotify: true, icon: '/icon-192.png', data: { path } })
  }
  event.waitUntil(notify())
})

// To the chat that the notification is about: in the page that is open, or in a new one.
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const path = event.notification.data?.path ?? '/chat'
  const open = async () => {
    const pages = await self.clients.matchAll({ type: 'window' })
    const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0]
    if (!page) return self.clients.openWindow(path)
    page.postMessage({ type: 'open', path })
    await page.focus().catch(() => {})
  }
  event.waitUntil(open())
})
