/** Hears when the page's own Content-Security-Policy forbids the server: Chromium tells a socket's owner nothing else. */
export class PagePolicy {
  blocked = false
  #host: string
  #document = (globalThis as { document?: Document }).document

  constructor(url: string) {
    this.#host = url.replace(/^\w+:\/\//, '')
    this.#document?.addEventListener?.('securitypolicyviolation', this.#heard)
  }

  stop(): void {
    this.#document?.removeEventListener?.('securitypolicyviolation', this.#heard)
  }

  #heard = ({ blockedURI }: SecurityPolicyViolationEvent): void => {
    if (/^wss?:/.test(blockedURI) && blockedURI.includes(this.#host)) this.blocked = true
  }
}
