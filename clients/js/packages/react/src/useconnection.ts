import type { ConnectionState } from '@tieline/client'
import { useEffect, useState } from 'react'
import { useChat } from './provider.js'
import { useSource } from './usesource.js'

/** Short interruptions are nobody's business. */
const BANNER_AFTER_MS = 2_000

const UNKNOWN: ConnectionState = { state: 'connecting', transport: null, retryAt: null, diagnosis: null, since: null }

export interface Connection extends ConnectionState {
  /** True when it has not been online for 2 s: time to show it. */
  readonly banner: boolean
}

/** How the client is connected. */
export function useConnection(): Connection {
  const state = useSource(useChat(), 'state', ({ state }) => state, UNKNOWN)
  const { since } = state
  const [bannerSince, setBannerSince] = useState<number>()
  useEffect(() => {
    if (!since) return
    const timer = setTimeout(() => setBannerSince(since), since + BANNER_AFTER_MS - Date.now())
    return () => clearTimeout(timer)
  }, [since])
  return { ...state, banner: bannerSince === since }
}
