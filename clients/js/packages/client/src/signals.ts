/**
 * What the surroundings tell. wake: somebody looks, or the network is said to be back. offline: it is said to be gone.
 * network: it is another one. hidden and visible: of the tab. background: stop soon. freeze: stop now.
 */
export type Signal = 'wake' | 'offline' | 'network' | 'hidden' | 'visible' | 'background' | 'freeze'

/** Starts telling; the returned function stops it. */
export type Signals = (tell: (signal: Signal) => void) => () => void

/** The browser's events; nothing where there is no window (Node, workers). */
export const browserSignals: Signals = (tell) => {
  const { window, document, navigator } = globalThis as Partial<typeof globalThis>
  if (!window?.addEventListener || !document?.addEventListener) return () => {}
  const connection = (navigator as { connection?: EventTarget & { type?: string } }).connection
  let type = connection?.type
  const heard: [EventTarget, string, () => void][] = [
    [window, 'online', () => tell('wake')],
    [window, 'offline', () => tell('offline')],
    [document, 'visibilitychange', () => tell(document.visibilityState === 'hidden' ? 'hidden' : 'visible')],
    [document, 'freeze', () => tell('freeze')],
    [document, 'resume', () => tell('visible')],
    // An open socket keeps a page out of the back/forward cache, or is cut without a word.
    [window, 'pagehide', () => tell('freeze')],
    [window, 'pageshow', () => tell('visible')],
  ]
  if (connection?.addEventListener) {
    heard.push([
      connection,
      'change',
      () => {
        if (connection.type !== type) tell('network')
        type = connection.type
      },
    ])
  }
  for (const [target, event, handler] of heard) target.addEventListener(event, handler)
  return () => {
    for (const [target, event, handler] of heard) target.removeEventListener(event, handler)
  }
}
