import { Base } from './base.js'
import { systemClock } from './clock.js'
import type { Frame, WireMessage } from './frames.js'
import { pageOf } from './history.js'
import type { CoreOptions } from './options.js'
import { Thread } from './thread.js'
import { Threads } from './threads.js'
import type { TokenSource } from './tokens.js'

/**
 * The least that still gets every message through once and in order: connects over WebSocket, stream or poll, sends from an
 * outbox in memory, receives, catches up, loads history. Made with `connectChat` of `@tieline/client/core`.
 */
export class Core extends Base<Thread> {
  #list: readonly Thread[] | undefined
  #stop: (() => void) | undefined

  /** @internal */
  constructor(url: string, token: TokenSource, { keep, ...options }: CoreOptions) {
    const env = {
      fetch: (url: string, init?: RequestInit) => globalThis.fetch(url, init),
      WebSocket: globalThis.WebSocket as never,
      clock: systemClock,
      random: Math.random,
      ...options,
    }
    const kept = keep?.(env, url)
    super(url, token, env, new Threads((id, kind) => new Thread(id, kind, this.threadParts())), {}, kept?.outbox ?? {})
    this.#stop = kept?.begin(this, this.tokens, this.outbox, this.threads)
    this.line.start()
  }

  get conversations(): readonly Thread[] {
    return (this.#list ??= this.threads.all().filter(({ last }) => last))
  }

  override close(): void {
    super.close()
    this.#stop?.()
  }

  /** @internal */
  protected override tell(...args: Parameters<Base<Thread>['tell']>): void {
    this.#list = undefined
    super.tell(...args)
  }

  /** @internal */
  protected page(thread: Thread, before: number | undefined): Promise<{ messages: WireMessage[]; more: boolean }> {
    return pageOf(this.http, thread.conversation, before)
  }

  /** @internal */
  protected snapshot({ conversations = [] }: Frame): void {
    for (const wire of conversations) (wire.user ? this.with(wire.user.id) : this.conversation(wire.conversation)).describe(wire, true)
  }

  /** @internal */
  protected apply(frame: Frame): void {
    if (frame.type !== 'message') return
    const wire = frame as Frame & WireMessage
    const conversation = this.threads.of(wire)
    conversation.receive(wire)
    if (this.outbox.has(wire.client_id)) this.outbox.settle(frame)
    if (conversation.last?.id === wire.id) this.tell('message', { conversation, message: conversation.last })
  }
}
