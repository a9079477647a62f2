/** The service worker that keeps the shell. Without one (an insecure address, a private window) the app works as long as there is a network. */
export function keepShell(): void {
  if (process.env.NODE_ENV === 'production' && typeof navigator !== 'undefined') void navigator.serviceWorker?.register('/sw.js').catch(() => {})
}
