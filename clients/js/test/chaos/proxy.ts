import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Between clients and server: cuts POSTs before and after they were stored, and kills sockets and streams at random. */
export class ChaosProxy {
  calm = false
  cutBefore = 0
  cutAfter = 0
  kills = 0
  #http: Server
  #target: number
  #random: () => number
  #sockets = new Set<Duplex>()

  constructor(target: number, random: () => number) {
    this.#target = target
    this.#random = random
    this.#http = createServer((incoming, response) => this.#forward(incoming, response))
    this.#http.on('connection', (socket) => this.#track(socket))
    this.#http.on('upgrade', (incoming, socket, head) => this.#upgrade(incoming, socket as Socket, head))
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#http.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((done) => this.#http.close(done))
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
  }

  #chance(of: number): boolean {
    return !this.calm && this.#random() < of
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const sends = incoming.method === 'POST' && incoming.url!.endsWith('/messages')
    if (sends && this.#chance(0.3)) {
      this.cutBefore++
      return void incoming.socket.destroy()
    }
    const { method, url, headers } = incoming
    if (url!.includes('/stream')) this.#kill(incoming.socket)
    const outgoing = request({ host: '127.0.0.1', port: this.#target, method, path: url, headers }, (answer) => {
      if (sends && this.#chance(0.3)) {
        this.cutAfter++
        answer.resume()
        answer.on('end', () => incoming.socket.destroy())
        return
      }
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    outgoing.on('error', () => incoming.socket.destroy())
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }

  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const server = connect(this.#target, '127.0.0.1')
    this.#track(server)
    server.on('error', () => socket.destroy())
    socket.on('error', () => server.destroy())
    server.on('close', () => socket.destroy())
    socket.on('close', () => server.destroy())
    const lines = incoming.rawHeaders.flatMap((name, i, all) => (i % 2 ? [] : [`${name}: ${all[i + 1]}`]))
    server.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    server.write(head)
    server.pipe(socket)
    socket.pipe(server)
    this.#kill(socket)
  }

  /** After some time, half of them in the middle of what is under way, half with everything sent so far delivered. */
  #kill(socket: Socket): void {
    const killer = setTimeout(
      () => {
        if (this.calm) return
        this.kills++
        if (this.#random() < 0.5) socket.destroy()
        else socket.end()
      },
      300 + this.#random() * 4_000,
    )
    socket.once('close', () => clearTimeout(killer))
  }
}
