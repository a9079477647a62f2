import { useMemo, useSyncExternalStore } from 'react'

interface Source<Event> {
  on(event: Event, handler: () => void): () => void
}

/** What `read` gives of a source, read anew at each `event`; `none` where there is no source, as while rendering on a server. */
export function useSource<E extends string, S extends Source<E>, V>(source: S | null | undefined, event: E, read: (source: S) => V, none: V): V {
  const subscribe = useMemo(() => (changed: () => void) => source?.on(event, changed) ?? (() => {}), [source, event])
  return useSyncExternalStore(
    subscribe,
    () => (source ? read(source) : none),
    () => none,
  )
}

/** These methods of `target` as functions that stay the same for as long as it does. */
export function useActions<T extends object, K extends keyof T & string>(target: T | undefined, names: readonly K[]): Pick<T, K> {
  return useMemo(() => {
    const bound = names.map((name) => {
      // There is none while rendering on a server, where nothing is done to it.
      const act = (...args: unknown[]) => (target as Record<K, (...args: unknown[]) => unknown>)[name](...args)
      return [name, act]
    })
    return Object.fromEntries(bound)
  }, [target, names])
}
