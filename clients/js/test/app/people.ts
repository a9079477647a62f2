import type { Machine, Screen, Size } from './screen.js'
import type { Gate, Stage } from './stage.js'

export const ways = ['with the upgrade rule', 'without the upgrade rule', 'cut in the middle'] as const
export type Way = (typeof ways)[number]

const DESKTOP: Size = { width: 1200, height: 800 }
const PHONE: Size = { width: 390, height: 800 }

/** Somebody with an account, a browser and a network. */
export interface Person {
  id: string
  name: string
  token: string
  screen: Screen
  gate: Gate
}

/** Two people who have each other's chat open, and what may happen to the network of the first. */
export class Pair {
  readonly ada: Person
  readonly bob: Person
  readonly way: Way
  readonly stage: Stage

  private constructor(stage: Stage, ada: Person, bob: Person, way: Way) {
    this.stage = stage
    this.ada = ada
    this.bob = bob
    this.way = way
  }

  /** The first on a desktop, the second on a phone. */
  static async meet(stage: Stage, first: Machine, second: Machine, way: Way, suffix: string): Promise<Pair> {
    const enter = async (name: string, machine: Machine, size: Size): Promise<Person> => {
      const gate = await stage.gate()
      if (way === 'without the upgrade rule') gate.target = stage.withoutUpgrade
      const screen = await machine.open(size)
      return { ...(await stage.server.person(`${name}${suffix}`)), name: `${name}${suffix}`, screen, gate }
    }
    const [ada, bob] = await Promise.all([enter('Ada', first, DESKTOP), enter('Bob', second, PHONE)])
    const pair = new Pair(stage, ada, bob, way)
    await Promise.all([pair.open(ada, bob), pair.open(bob, ada)])
    return pair
  }

  /** Back to each other's chat, with a network, whatever happened. */
  async again(): Promise<void> {
    await this.ada.gate.up().catch(() => {})
    // An address that differs in its fragment only would leave everything as it is.
    for (const { screen } of [this.ada, this.bob]) await screen.page.goto('about:blank')
    await Promise.all([this.open(this.ada, this.bob), this.open(this.bob, this.ada)])
  }

  async part(): Promise<void> {
    for (const { screen, gate } of [this.ada, this.bob]) {
      await screen.page.close().catch(() => {})
      await gate.cut()
    }
  }

  /** Opens the chat with somebody, signed in by a token in the address. */
  async open({ screen, gate, token }: Person, other: Person): Promise<void> {
    await screen.page.goto(`${gate.url}/chat/${other.id}#token=${token}`)
    await screen.has('Message to', 'field')
  }

  /** What the first person does, in the middle of which the network may be cut; it comes back and says so, as browsers do. */
  async middle(act: () => Promise<void>): Promise<void> {
    if (this.way !== 'cut in the middle') return act()
    const { gate, screen } = this.ada
    await gate.cut()
    await act()
    await gate.up()
    await screen.page.evaluate(() => void dispatchEvent(new Event('online')), undefined)
  }

  /** Opens what can be done with a message. */
  async menu({ screen }: Person, message: string, item: string): Promise<void> {
    await screen.click({ name: 'Message options', in: message })
    await screen.click({ name: item, role: 'menuitem' })
  }

  /** From the three dots of the chat. */
  async more({ screen }: Person, item: string): Promise<void> {
    await screen.click({ name: 'More', role: 'button' })
    await screen.click({ name: item, role: 'menuitem' })
  }

  /** Says something without a browser, as one's other device would. */
  async post(from: Person, to: { id: string }, ...texts: string[]): Promise<void> {
    for (const message of texts) {
      const answer = await fetch(`${this.stage.server.url}/api/chat/messages`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${from.token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ client_id: crypto.randomUUID(), to: to.id, message }),
      })
      if (!answer.ok) throw new Error(await answer.text())
    }
  }
}
