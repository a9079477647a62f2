/** Runs in the page: scrolls up until older messages were loaded, and tells how far what was in sight has moved by it. */
export async function scrollUp(): Promise<number> {
  const list = [...document.querySelectorAll('[role="list"] *')].find(
    (one) => one.scrollHeight > one.clientHeight + 200 && /auto|scroll/.test(getComputedStyle(one).overflowY),
  )!
  const rest = (ms: number) => new Promise((done) => setTimeout(done, ms))
  const seen = () => {
    const { top } = list.getBoundingClientRect()
    const items = [...list.querySelectorAll('[role="listitem"][aria-label]')].map((one) => ({
      name: one.ariaLabel!,
      y: one.getBoundingClientRect().top - top,
    }))
    return items.filter(({ y }) => y > 40).sort((a, b) => a.y - b.y)[0]!
  }
  const oldest = () =>
    [...list.querySelectorAll('[role="listitem"][aria-label]')]
      .map((one) => Number(/line (\d+)/.exec(one.ariaLabel!)?.[1] ?? 999))
      .reduce((a, b) => Math.min(a, b), 999)
  let worst = 0
  for (let step = 0; step < 60 && oldest() > 40; step++) {
    list.scrollTop -= 400
    await rest(60)
    const before = seen()
    await rest(200)
    const after = [...list.querySelectorAll('[role="listitem"][aria-label]')].find((one) => one.ariaLabel === before.name)
    const y = after ? after.getBoundingClientRect().top - list.getBoundingClientRect().top : 9_999
    worst = Math.max(worst, Math.abs(y - before.y))
  }
  return worst
}

export interface Journey {
  /** How far what was in sight was from where it should have been, at worst, in pixels. */
  jump: number
  /** The longest time at the very top with older messages still to come. */
  waited: number
  ms: number
}

/** Runs in the page: scrolls up by so many pixels in every frame until a text is in sight, and looks at each frame whether what was in sight moved by as much. */
export async function scrollUpTo({ text, step }: { text: string; step: number }): Promise<Journey> {
  const list = [...document.querySelectorAll('[role="list"] *')].find(
    (one) => one.scrollHeight > one.clientHeight + 200 && /auto|scroll/.test(getComputedStyle(one).overflowY),
  )!
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  const items = () => [...list.querySelectorAll('[role="listitem"][aria-label]')]
  const place = (one: Element) => one.getBoundingClientRect().top - list.getBoundingClientRect().top
  const began = performance.now()
  const journey = { jump: 0, waited: 0, ms: 0 }
  let top = 0
  // In sight, and not only drawn somewhere above: what stands over it need not be drawn then.
  while (!items().some((one) => one.ariaLabel!.includes(text) && place(one) >= 0) && journey.ms < 60_000) {
    const middle = list.clientHeight / 2
    const seen = items().find((one) => place(one) > middle / 2)!
    const [name, before, up] = [seen.ariaLabel, place(seen), Math.min(step, list.scrollTop)]
    list.scrollTop -= step
    await frame()
    await frame()
    const after = items().find((one) => one.ariaLabel === name)
    journey.jump = Math.max(journey.jump, after ? Math.abs(place(after) - before - up) : 9_999)
    journey.ms = performance.now() - began
    if (list.scrollTop > 0) top = journey.ms
    journey.waited = Math.max(journey.waited, journey.ms - top)
  }
  return journey
}
