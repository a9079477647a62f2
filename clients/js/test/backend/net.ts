import type { Frame } from '../../packages/client/src/frames.js'
import { type Chat, type ChatOptions, type ConnectionState, connectChat, memoryStorage, type Signal } from '../../packages/client/src/index.js'
import { Backend, BackendLine } from './backend.js'
import { tus } from './features.js'
import { accountOf, type Reply, route, tokenIn } from './routes.js'

/** What a handshake does: ok, hang (no answer ever), refuse (closed before it opens), silent (opens, no frame ever), or a function. */
export type SocketMode = 'ok' | 'hang' | 'refuse' | 'silent' | ((socket: FakeSocket) => void)
/** What a request does: undefined answers as usual. */
export type RequestMode = (
  method: string,
  path: string,
  body: Frame | undefined,
  token: string | undefined,
) => Reply | 'hang' | 'fail' | 'lost' | undefined

const LATENCY_MS = 5

/** Network and server in memory, on fake time: a WebSocket class and a fetch that share one backend. */
export class Net {
  backend = new Backend()
  socketMode: SocketMode = 'ok'
  request: RequestMode = () => undefined
  streamMode: 'ok' | 'hang' | 'buffered' | Reply = 'ok'
  /** Header `X-Tieline` on answers. */
  tieline = true
  sockets: FakeSocket[] = []
  requests: string[] = []
  streams = new Set<() => void>()
  WebSocket: new (
    url: string,
    protocols?: string[],
  ) => FakeSocket

  constructor() {
    const net = this
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols: string[] = []) {
        super(net, url, protocols)
      }
    }
    this.request = () => undefined
  }

  get open(): FakeSocket[] {
    return this.sockets.filter((socket) => socket.readyState === 1)
  }

  /** Cuts every line without a word: no close event, nothing comes through. */
  pullCable(): void {
    for (const socket of this.sockets) socket.mute = true
  }

  fetch = async (input: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input)
    const path = url.pathname.replace('/api/chat', '')
    const method = init.method ?? 'GET'
    this.requests.push(`${method} ${path}`)
    const headers = init.headers as Record<string, string> | undefined
    const token = tokenIn(headers?.Authorization)
    const upload = path.startsWith('/uploads')
    const bytes = init.body instanceof Blob ? await init.body.text() : ''
    const body = init.body && !upload ? (JSON.parse(String(init.body)) as Frame) : undefined
    await pass(LATENCY_MS, init.signal)
    const mode = this.request(method, path, body, token)
    if (mode === 'hang') await pass(1e9, init.signal)
    if (mode === 'fail') throw new TypeError('Failed to fetch')
    if (mode && mode !== 'lost' && typeof mode === 'object') return this.#answer(mode)
    if (path === '/stream') return this.#stream(url, token, init.signal)
    if (upload) {
      const answer = tus(this.backend, method, path, headers!, mode === 'lost' ? bytes.slice(0, bytes.length / 2) : bytes)
      if (mode === 'lost') throw new TypeError('Failed to fetch')
      return this.#answer(answer)
    }
    let reply = route(this.backend, method, url, token, body)
    if (path === '/sync' && url.searchParams.get('wait') !== '0') {
      const until = this.backend.now() + Number(url.searchParams.get('wait')) * 1000
      while ((reply.body as Frame).frames?.length === 0 && this.backend.now() < until) {
        await pass(100, init.signal)
        reply = route(this.backend, method, url, token, body)
      }
    }
    if (mode === 'lost') throw new TypeError('Failed to fetch')
    await pass(LATENCY_MS, init.signal)
    return this.#answer(reply)
  }

  #answer({ status, body, text, headers }: Reply): Response {
    const content = status === 204 || text === '' ? null : (text ?? JSON.stringify(body ?? {}))
    const type = text === undefined ? 'application/json' : 'text/html'
    return new Response(content, { status, headers: { ...(this.tieline && { 'X-Tieline': '2; node=t' }), 'Content-Type': type, ...headers } })
  }

  async #stream(url: URL, token: string | undefined, signal: AbortSignal | null | undefined): Promise<Response> {
    const mode = this.streamMode
    if (typeof mode === 'object') return this.#answer(mode)
    if (mode === 'hang') await pass(1e9, signal)
    const account = token && accountOf(token)
    if (!account) return this.#answer({ status: 401, body: {} })
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (mode === 'buffered') return
        const line = new BackendLine(this.backend, account, (frame) => {
          try {
            controller.enqueue(encoder.encode(`data: ${JSON.stringify(frame)}\n\n`))
          } catch {
            // Aborted by its reader.
          }
        })
        line.open(url.searchParams.get('since'))
        const ping = setInterval(() => line.ping(), 15_000)
        const stop = () => {
          clearInterval(ping)
          line.close()
          this.streams.delete(cut)
        }
        const cut = () => {
          stop()
          controller.error(new TypeError('network error'))
        }
        this.streams.add(cut)
        signal?.addEventListener('abort', () => {
          stop()
          try {
            controller.error(new DOMException('Aborted', 'AbortError'))
          } catch {
            // Over already.
          }
        })
      },
    })
    return new Response(body, { status: 200, headers: { 'X-Tieline': '2', 'Content-Type': 'text/event-stream' } })
  }
}

/** A WebSocket on fake time. `manners` are those of a browser; tests give it those of React Native. */
export class FakeSocket {
  readyState = 0
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  mute = false
  closedBy: number | undefined
  readonly url: string
  readonly protocols: string[]
  line: BackendLine | undefined
  net: Net

  constructor(net: Net, url: string, protocols: string[]) {
    this.net = net
    this.url = url
    this.protocols = protocols
    net.sockets.push(this)
    setTimeout(() => {
      const mode = net.socketMode
      if (typeof mode === 'function') mode(this)
      else if (mode === 'ok') this.accept()
      else if (mode === 'refuse') this.fail(1006)
      else if (mode === 'silent') this.handshake()
    }, LATENCY_MS)
  }

  handshake(): boolean {
    if (this.readyState !== 0) return false
    this.readyState = 1
    this.onopen?.({} as never)
    return true
  }

  /** The handshake, hello and what follows. */
  accept(): void {
    if (!this.handshake()) return
    const url = new URL(this.url)
    const bearer = this.protocols.find((protocol) => protocol.startsWith('bearer.'))?.slice(7)
    const token = url.searchParams.get('ticket') ?? (bearer && atob(bearer.replace(/-/g, '+').replace(/_/g, '/')))
    const account = token && accountOf(token)
    if (!account) return this.fail(4401, 'The token is not valid.')
    this.line = new BackendLine(this.net.backend, account, (frame) => this.say(frame))
    this.line.open(url.searchParams.get('since'))
  }

  /** The server says something. */
  say(frame: Frame | string): void {
    setTimeout(() => {
      if (this.mute || this.readyState !== 1) return
      this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) } as never)
    }, LATENCY_MS)
  }

  /** The connection ends. */
  fail(code: number, reason = ''): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.line?.close()
    this.onclose?.({ code, reason, wasClean: code !== 1006 } as never)
  }

  send(data: string): void {
    setTimeout(() => {
      if (!this.mute && this.readyState === 1) this.line?.receive(JSON.parse(data) as Frame)
    }, LATENCY_MS)
  }

  close(code?: number): void {
    this.closedBy ??= code ?? 1005
    if (this.readyState >= 2) return
    this.readyState = 3
    this.line?.close()
  }
}

/** A client of `account` on this net, with what it showed. */
export function connect(net: Net, account = 'ada', options: ChatOptions & { token?: Parameters<typeof connectChat>[1] } = {}) {
  const states: ConnectionState[] = []
  let tell: (signal: Signal) => void = () => {}
  const { token = account, ...rest } = options
  const chat = connectChat('https://chat.test', token, {
    fetch: net.fetch,
    WebSocket: net.WebSocket as never,
    storage: memoryStorage(),
    account,
    random: () => 0.5,
    signals: (heard) => {
      tell = heard
      return () => {
        tell = () => {}
      }
    },
    ...rest,
  })
  chat.on('state', (state) => states.push(state))
  return { chat, states, signal: (signal: Signal) => tell(signal) }
}

/** Lets `ms` pass, unless `signal` aborts. */
export function pass(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => {
      clearTimeout(handle)
      reject(new DOMException('Aborted', 'AbortError'))
    }
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted)
  })
}

export type { Chat }
