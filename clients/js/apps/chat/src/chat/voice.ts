/** Minutes and seconds, in the reader's digits. */
export function clockOf(milliseconds: number, code: string): string {
  const seconds = Math.round(milliseconds / 1_000)
  const two = new Intl.NumberFormat(code, { minimumIntegerDigits: 2, useGrouping: false })
  return `${new Intl.NumberFormat(code).format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`
}
