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
