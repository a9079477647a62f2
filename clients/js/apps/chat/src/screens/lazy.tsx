import type { ComponentType } from 'react'

type Screens = typeof import('./all')

let loading: Promise<void> | undefined
let loaded: Screens | undefined

/** Loads the screens of who is signed in, once; asked again after a failure, since a network may have come back. */
export function loadScreens(): Promise<void> {
  loading ??= import('./all').then(
    (screens) => {
      loaded = screens
    },
    (error: unknown) => {
      loading = undefined
      throw error
    },
  )
  return loading
}

/** Nobody is signed in before the screens are there, so nothing here ever waits: a router that is taken away and put back forgets where it was. */
function screen<K extends keyof Screens>(name: K) {
  return function Loaded(props: Parameters<Screens[K]> extends [infer P] ? P : object) {
    const Screen = loaded?.[name] as ComponentType<typeof props> | undefined
    return Screen ? <Screen {...(props as typeof props & object)} /> : null
  }
}

export const ChatScreen = screen('ChatScreen')
export const ConnectionScreen = screen('ConnectionScreen')
export const JoinScreen = screen('JoinScreen')
export const NothingOpen = screen('NothingOpen')
export const Shell = screen('Shell')
export const SignedIn = screen('SignedIn')
