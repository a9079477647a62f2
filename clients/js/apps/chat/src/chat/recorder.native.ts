import type { Recording } from './recorder'

/** There is no recorder on devices yet; the button is not shown there. */
export const canRecord = () => false

export async function record(): Promise<Recording> {
  throw new Error('No recorder on this device.')
}
