import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { executable, freePort, RealServer } from '../real/server.js'

const repository = resolve(import.meta.dirname, '../../../..')

/** The app as `make app` builds it. */
export const exported = join(repository, 'out/app')
export const pictures = join(repository, 'artifacts/screenshots')

/** The network between one person and the proxy: it can be cut, and lead to a proxy with or without its upgrade rule. */
export class Gate {
  target: number
  #server: Server | undefined
  #port = 0
  #open = new Set<Socket>()

  constructor(target: number) {
    this.target = target
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async up(): Promise<void> {
    if (this.#server?.listening) return
    this.#server = createServer((near) => {
      const far = connect(this.target, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(one)
        one.setNoDelay()
        one.on('error', () => {})
        one.on('close', () => {
          this.#open.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
    await new Promise<void>((done) => this.#server!.listen(this.#port, '127.0.0.1', done))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Nothing gets through, and nobody answers. */
  async cut(): Promise<void> {
    const closed = new Promise((done) => this.#server?.close(done))
    for (const socket of this.#open) socket.destroy()
    await closed
  }
}

/** A real server behind Debian's nginx with the configuration that `tieline proxy nginx` prints: once as it is, once without its upgrade rule. */
export class Stage {
  readonly server: RealServer
  readonly port: number
  readonly withoutUpgrade: number
  #folder: string
  #nginx: ChildProcess

  private constructor(server: RealServer, folder: string, ports: [number, number], nginx: ChildProcess) {
    this.server = server
    this.#folder = folder
    ;[this.port, this.withoutUpgrade] = ports
    this.#nginx = nginx
  }

  /** @param flags settings of the server beside what all scenarios need */
  static async set(...flags: string[]): Promise<Stage> {
    if (!existsSync(join(exported, 'index.html'))) throw new Error('out/app is not here: run `make app` first.')
    process.env.TIELINE_APP = exported
    mkdirSync(pictures, { recursive: true })
    const server = await RealServer.start('--signups-burst', '1000', ...flags)
    const folder = mkdtempSync(join(tmpdir(), 'tieline-nginx-'))
    const ports: [number, number] = [await freePort(), await freePort()]
    writeFileSync(join(folder, 'nginx.conf'), surroundings(folder, plain(server.port, folder, ports)))
    const nginx = spawn(program(), ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], { stdio: 'ignore' })
    const stage = new Stage(server, folder, ports, nginx)
    for (const port of ports) await stage.#answers(port)
    return stage
  }

  async gate(): Promise<Gate> {
    const gate = new Gate(this.port)
    await gate.up()
    return gate
  }

  async strike(): Promise<void> {
    const ended = new Promise((done) => this.#nginx.once('exit', done))
    if (this.#nginx.exitCode === null && this.#nginx.kill()) await ended
    await this.server.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #answers(port: number): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if (
        await fetch(`http://127.0.0.1:${port}/api/chat/test`).then(
          (answer) => answer.ok,
          () => false,
        )
      )
        return
      if (this.#nginx.exitCode !== null) break
      await new Promise((done) => setTimeout(done, 50))
    }
    throw new Error(`nginx does not answer: ${readFileSync(join(this.#folder, 'error.log'), 'utf8')}`)
  }
}

/** The printed configuration, over plain HTTP on two ports; at the second one somebody has forgotten the upgrade. */
function plain(upstream: number, folder: string, [port, withoutUpgrade]: [number, number]): string {
  const printed = execFileSync(
    executable(),
    `proxy nginx --domain localhost --upstream 127.0.0.1:${upstream} --listen 127.0.0.1 --https-port ${port} --http-port 0 --access-log ${folder}/access.log`.split(
      ' ',
    ),
    { encoding: 'utf8' },
  )
    .replace(/listen ([\d.:]+) ssl.*;/g, 'listen $1;')
    .replace(/^.*ssl_.*;\n/gm, '')
    .replace(/^ *http2 on;\n/gm, '')
  const begins = printed.indexOf('server {', printed.indexOf('upstream ') + 40)
  const second = printed
    .slice(begins)
    .replaceAll(`:${port}`, `:${withoutUpgrade}`)
    .replace(/^.*(Upgrade \$http_upgrade|Connection \$connection_upgrade);\n/gm, '')
  if (second === printed.slice(begins) || !second.includes(`${withoutUpgrade}`)) throw new Error(`The upgrade rule is not where it was:\n${printed}`)
  return `${printed}\n${second}`
}

const surroundings = (folder: string, inside: string) => `
daemon off;
pid ${folder}/nginx.pid;
worker_processes 1;
events { worker_connections 1024; }
http {
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
${inside}
}
`

function program(): string {
  const found = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path))
  if (!found) throw new Error('nginx is not installed: run scripts/setup.')
  return found
}
