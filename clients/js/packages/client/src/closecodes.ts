/** A fresh token may help. */
export function refusesToken(code: number | undefined): boolean {
  return code === 1008 || code === 4401
}

/** By range, so that a code invented later is obeyed too: 4400 to 4449 stop, but for those that ask to come back. */
export function refusesForGood(code = 0): boolean {
  return code >= 4400 && code < 4450 && ![4401, 4408, 4429].includes(code)
}
