import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '../../../..')

/** The executable: CHAT_SERVER, or out/tieline, built now if it is not there. */
export function executable(): string {
  const given = process.env.CHAT_SERVER
  if (given) return given
  const built = join(repository, 'out/tieline')
  if (!existsSync(built))
    execFileSync('dotnet', ['build', 'src/Tieline.Cli', '-c', 'Release', '-o', 'out', '-v', 'quiet'], { cwd: repository, stdio: 'inherit' })
  return built
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

/** The real server on a port and a data folder of its own, that can be killed and started again. */
export class RealServer {
  readonly url: string
  readonly port: number
  #data = mkdtempSync(join(tmpdir(), 'tieline-js-'))
  #process: ChildProcess | undefined

  #flags: string[]

  private constructor(port: number, flags: string[]) {
    this.port = port
    this.#flags = flags
    this.url = `http://127.0.0.1:${port}`
  }

  /** @param flags settings beside where it listens and keeps its data */
  static async start(...flags: string[]): Promise<RealServer> {
    const server = new RealServer(await freePort(), flags)
    await server.up()
    return server
  }

  async up(): Promise<void> {
    this.#process = spawn(executable(), ['serve', '--listen', this.url, '--data', this.#data, ...this.#flags], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    for (let tries = 0; tries < 300; tries++) {
      const answer = await fetch(`${this.url}/api/chat/test`).catch(() => undefined)
      if (answer?.ok) return
      await new Promise((done) => setTimeout(done, 50))
    }
    throw new Error('The server did not come up.')
  }

  /** kill -9, and up again. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL')
    await this.up()
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    rmSync(this.#data, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await ended
  }

  /** Signs up, and tells id and token. */
  async person(name: string, called = name): Promise<{ id: string; token: string }> {
    const body = JSON.stringify({ full_name: called, username: name, email: `${name}@example.org`, password: 'correct horse' })
    const answer = await fetch(`${this.url}/api/auth/signup`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const me = await fetch(`${this.url}/api/auth/me`, { headers: { Authorization: `Bearer ${token}` } })
    return { id: ((await me.json()) as { id: string }).id, token }
  }
}
