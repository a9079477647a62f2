import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Frame } from '../../packages/client/src/frames.js'
import { Backend, BackendLine } from '../backend/backend.js'
import { accountOf, type Reply, route, tokenIn } from '../backend/routes.js'

/** What happens to a handshake. `seen` says whether the server remembers the attempt, as it does when the fault is behind it. */
export interface SocketFault {
  seen: boolean
  shake(request: IncomingMessage, socket: Duplex, server: FaultServer): void
}

const seen = (shake: SocketFault['shake']): SocketFault => ({ seen: true, shake })
const unseen = (shake: SocketFault['shake']): SocketFault => ({ seen: false, shake })

/** Answers the handshake with a plain status, as a proxy or a wrong route does. */
const status = (code: number, headers = '') =>
  seen((request, socket, server) => {
    server.remember(request, { saw: { upgradeEvent: true }, status: code })
    socket.end(`HTTP/1.1 ${code} X\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`)
  })

export const socketFaults = {
  works: seen((request, socket, server) => server.accept(request, socket)),
  hangs: seen((request, _socket, server) => server.remember(request, { saw: { upgradeEvent: true }, status: 0 })),
  'hangs before the server': unseen(() => {}),
  'is refused before the server': unseen((_, socket) => socket.end('HTTP/1.1 403 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')),
  'is reset': unseen((_, socket) => socket.destroy()),
  'answers 404': status(404),
  'answers 200': status(200),
  'answers 301': status(301, 'Location: /elsewhere\r\n'),
  'answers 503': status(503),
  'answers a wrong key': seen((request, socket, server) => {
    server.remember(request, { saw: { upgradeEvent: true }, status: 101 })
    socket.write('HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n')
  }),
  'has no Upgrade header': seen((request, socket, server) => {
    server.remember(request, { saw: { upgradeEvent: false, http: '1.0' }, status: 426 })
    socket.end('HTTP/1.1 426 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  }),
  'says nothing after 101': seen((request, socket, server) => {
    server.remember(request, { saw: { upgradeEvent: true }, status: 101 })
    const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const protocol = request.headers['sec-websocket-protocol']?.includes('tieline.v2') ? 'Sec-WebSocket-Protocol: tieline.v2\r\n' : ''
    socket.write(`HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n${protocol}\r\n`)
  }),
  'dies after 200 ms': seen((request, socket, server) => {
    server.accept(request, socket)
    setTimeout(() => socket.destroy(), 200)
  }),
} satisfies Record<string, SocketFault>

export type SocketFaultName = keyof typeof socketFaults
export type StreamFault = 'works' | 'is buffered' | 'answers 404'

/** A chat server on a real port of 127.0.0.1, with one fault at a time on each way in. */
export class FaultServer {
  backend = new Backend()
  socket: SocketFaultName = 'works'
  stream: StreamFault = 'works'
  /** Answers a request instead of the backend; 'cut' ends it before it is handled, 'lost' after. */
  request: (method: string, path: string) => Reply | 'cut' | 'lost' | 'hang' | undefined = () => undefined
  /** Sent with every answer; null leaves a header out. */
  headers: Record<string, string | null> = {}
  handshakes = 0
  posts = 0
  /** What the browsers load: path to type and text. */
  pages = new Map<string, { type: string; text: string; headers?: Record<string, string> }>()
  readonly sockets = new Set<WebSocket>()
  #http: Server
  #wss = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('tieline.v2') ? 'tieline.v2' : false),
  })
  #attempts = new Map<string, object>()
  #connections = new Set<Socket>()

  #scheme: string

  /** @param certificate makes it an https server */
  constructor(certificate?: { key: string; cert: string }) {
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response).catch(() => response.destroy())
    this.#http = certificate ? createTlsServer(certificate, answer) : createServer(answer)
    this.#scheme = certificate ? 'https' : 'http'
    this.#http.on('connection', (socket) => {
      this.#connections.add(socket)
      socket.on('close', () => this.#connections.delete(socket))
      socket.on('error', () => {})
    })
    this.#http.on('upgrade', (request, socket) => {
      this.handshakes++
      socketFaults[this.socket].shake(request, socket, this)
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** Ends every connection, as a crash does. */
  cut(): void {
    for (const socket of this.#connections) socket.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  remember(request: IncomingMessage, what: object): void {
    const id = new URL(request.url!, 'http://x').searchParams.get('attempt')
    if (id) this.#attempts.set(id, what)
  }

  accept(request: IncomingMessage, socket: Duplex): void {
    this.remember(request, { saw: { upgradeEvent: true }, status: 101 })
    this.#wss.handleUpgrade(request, socket, Buffer.alloc(0), (ws) => {
      this.sockets.add(ws)
      const url = new URL(request.url!, 'http://x')
      const bearer = /bearer\.([\w-]+)/.exec(request.headers['sec-websocket-protocol'] ?? '')?.[1]
      const token = url.searchParams.get('ticket') ?? (bearer && Buffer.from(bearer, 'base64url').toString())
      const account = token && accountOf(token)
      if (!account) return ws.close(4401, 'The token is not valid.')
      const line = new BackendLine(this.backend, account, (frame) => ws.readyState === 1 && ws.send(JSON.stringify(frame)))
      ws.on('message', (data) => line.receive(JSON.parse(String(data)) as Frame))
      ws.on('close', () => {
        line.close()
        this.sockets.delete(ws)
      })
      ws.on('error', () => {})
      line.open(url.searchParams.get('since'))
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url)
    const page = this.pages.get(url.pathname)
    if (page) return void response.writeHead(200, { 'Content-Type': page.type, ...page.headers }).end(page.text)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = url.pathname.replace('/api/chat', '')
    const headers = this.#headers()
    if (request.method === 'OPTIONS') return void response.writeHead(204, headers).end()
    if (path === '/messages') this.posts++
    const fault = this.request(request.method!, path)
    if (fault === 'hang') return
    if (fault === 'cut') return void request.socket.destroy()
    const token = tokenIn(request.headers.authorization)
    if (path === '/stream') return this.#stream(url, token, response)
    const attempt = /^\/attempt\/(.*)/.exec(path)?.[1]
    const remembered = attempt && this.#attempts.get(attempt)
    const body = chunks.length ? (JSON.parse(Buffer.concat(chunks).toString()) as Frame) : undefined
    let reply: Reply = remembered
      ? { status: 200, body: remembered }
      : typeof fault === 'object'
        ? fault
        : route(this.backend, request.method!, url, token, body)
    const until = Date.now() + Number(url.searchParams.get('wait') ?? 0) * 1000
    while (path === '/sync' && reply.status === 200 && !(reply.body as Frame).frames?.length && Date.now() < until && !response.destroyed) {
      await new Promise((resolve) => setTimeout(resolve, 25))
      reply = route(this.backend, request.method!, url, token, body)
    }
    if (fault === 'lost') return void request.socket.destroy()
    const type = reply.text === undefined ? 'application/json' : 'text/html'
    const text = reply.status === 204 ? undefined : (reply.text ?? JSON.stringify(reply.body ?? {}))
    response.writeHead(reply.status, { 'Content-Type': type, ...headers, ...reply.headers }).end(text)
  }

  #headers(): Record<string, string> {
    const all: Record<string, string | null> = {
      'X-Tieline': '2; node=test',
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Headers': 'Authorization, Content-Type',
      'Access-Control-Allow-Methods': 'GET, POST, DELETE',
      'Access-Control-Expose-Headers': 'X-Tieline, Retry-After',
      'Access-Control-Max-Age': '600',
      ...this.headers,
    }
    return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
  }

  #stream(url: URL, token: string | undefined, response: ServerResponse): void {
    const account = token && accountOf(token)
    if (this.stream === 'answers 404' || !account) return void response.writeHead(account ? 404 : 401, this.#headers()).end()
    response.writeHead(200, { ...this.#headers(), 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform' })
    if (this.stream === 'is buffered') return
    response.flushHeaders()
    const line = new BackendLine(this.backend, account, (frame) => response.write(`data: ${JSON.stringify(frame)}\n\n`))
    line.open(url.searchParams.get('since'))
    const ping = setInterval(() => line.ping(), 15_000)
    response.on('close', () => {
      clearInterval(ping)
      line.close()
    })
  }
}
