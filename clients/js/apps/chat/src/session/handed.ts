/** A token that the host app handed over in the address's fragment; it is taken out of the address at once. */
function handedOver(): string | null {
  if (typeof location === 'undefined' || !location.hash) return null
  const fields = new URLSearchParams(location.hash.slice(1))
  const token = fields.get('token')
  if (!token) return null
  history.replaceState(history.state, '', location.pathname + location.search)
  return token
}

/** Read before the router looks at the address, or the router would write it there again. */
export const handed = handedOver()
