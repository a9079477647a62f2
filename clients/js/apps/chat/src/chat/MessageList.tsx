import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react'
import { View } from 'react-native'
import { Jump } from './Jump'
import { type MessageListProps, NEAR_END } from './list'
import { itemAt, tops } from './window'

const GUESS = 56
/** Drawn above and below what is in sight, in pixels. */
const AROUND = 900
/** Older messages are asked for when so many windows are left above. */
const AHEAD = 2
/** After this they are asked for again when none came. */
const AGAIN_MS = 2_000

/** Followed only at the very end, in pixels: whoever has scrolled up a little wants to stay there. */
const FOLLOWED = 8

/** What keeps its place on the screen when something above it changes: an item by its key, and where it is. */
interface Anchor {
  key: string
  y: number
}

/**
 * The messages of a chat in a browser: opens at the end and follows it, stays where it is when older ones come in above, and
 * draws only what is near what is in sight, so that a long chat costs no more than a short one.
 */
export function MessageList({ items, missed, label, ref, renderItem, onOlder, onEnd }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null)
  const drawn = useRef(new Map<string, HTMLElement>())
  const heights = useRef(new Map<string, number>())
  const anchor = useRef<Anchor | null>(null)
  const height = useRef(typeof innerHeight === 'undefined' ? 800 : innerHeight)
  const [atEnd, setAtEnd] = useState(true)
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const keys = useMemo(() => items.map(({ key }) => key), [items])

  const laid = useRef<{ keys: readonly string[]; at: Float64Array }>({ keys, at: new Float64Array(1) })
  /** The first item in sight; where nothing is drawn yet, the one that will be there. */
  const placeIn = useCallback((list: HTMLElement): Anchor | null => {
    const { keys, at } = laid.current
    const index = itemAt(at, list.scrollTop)
    return inSight(list, drawn.current) ?? (keys[index] === undefined ? null : { key: keys[index], y: at[index]! - list.scrollTop })
  }, [])

  // The page may have been scrolled and not told us yet: then the place that is held has moved by as much.
  const known = useRef(0)
  const caughtUp = useCallback(() => {
    const { current: list } = box
    const moved = list ? list.scrollTop - known.current : 0
    if (!list || !moved) return
    known.current = list.scrollTop
    if (anchor.current) anchor.current = { key: anchor.current.key, y: anchor.current.y - moved }
    else if (leftBelow(list) >= FOLLOWED) anchor.current = placeIn(list)
  }, [placeIn])
  caughtUp()

  // From the anchor, or from the end while it is followed: never from where the page happens to be scrolled to.
  const at = tops(keys, heights.current, GUESS)
  laid.current = { keys, at }
  const held = anchor.current ? keys.indexOf(anchor.current.key) : -1
  const top = held >= 0 ? at[held]! - anchor.current!.y : at[keys.length]! - height.current
  const from = itemAt(at, top - AROUND)
  const to = Math.min(keys.length, itemAt(at, top + height.current + AROUND) + 1)

  const settle = useCallback(() => {
    const { current: list } = box
    if (!list) return
    const element = anchor.current && drawn.current.get(anchor.current.key)
    if (!anchor.current) list.scrollTop = list.scrollHeight
    else if (element) {
      const off = element.getBoundingClientRect().top - list.getBoundingClientRect().top - anchor.current!.y
      if (Math.abs(off) >= 1) list.scrollTop += off
    }
    known.current = list.scrollTop
  }, [])

  const asking = useRef(false)
  const older = () => {
    const { current: list } = box
    const [start] = items
    if (asking.current || !list || start?.kind !== 'start' || !start.loading || list.scrollTop > list.clientHeight * AHEAD) return
    asking.current = true
    void onOlder().then((came) => {
      // At the very top nothing scrolls any more, and who waits there would wait for ever if this request came to nothing.
      setTimeout(
        () => {
          asking.current = false
          askOlder.current()
        },
        came ? 0 : AGAIN_MS,
      )
    })
  }
  const askOlder = useRef(older)
  askOlder.current = older

  useLayoutEffect(() => {
    for (const [key, element] of drawn.current) heights.current.set(key, element.offsetHeight)
    settle()
    older()
  })

  const sizes = useRef<ResizeObserver | null>(null)
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      caughtUp()
      height.current = box.current?.clientHeight ?? height.current
      for (const [key, element] of drawn.current) heights.current.set(key, element.offsetHeight)
      settle()
    })
    sizes.current = observer
    if (box.current) observer.observe(box.current)
    for (const element of drawn.current.values()) observer.observe(element)
    return () => {
      observer.disconnect()
      sizes.current = null
    }
  }, [settle, caughtUp])

  const scrolled = () => {
    const list = box.current!
    const { scrollTop, clientHeight, scrollHeight } = list
    height.current = clientHeight
    known.current = scrollTop
    const left = leftBelow(list)
    anchor.current = left < FOLLOWED ? null : placeIn(list)
    if (left < NEAR_END !== atEnd) {
      setAtEnd(!atEnd)
      onEnd(!atEnd)
    }
    older()
    const [first, last] = [keys[from], keys[to - 1]]
    const edge = AROUND / 3
    const above = first === undefined || from === 0 ? 0 : (drawn.current.get(first)?.offsetTop ?? scrollHeight)
    const end = last === undefined ? undefined : drawn.current.get(last)
    const below = to === keys.length ? scrollHeight : end ? end.offsetTop + end.offsetHeight : 0
    if ((from > 0 && scrollTop - above < edge) || (to < keys.length && below - scrollTop - clientHeight < edge)) redraw()
  }

  const toEnd = useCallback(() => {
    anchor.current = null
    redraw()
  }, [])
  useImperativeHandle(
    ref,
    () => ({
      toEnd,
      toIndex: (index) => {
        const key = laid.current.keys[index]
        if (key === undefined) return
        anchor.current = { key, y: height.current * 0.3 }
        redraw()
      },
    }),
    [toEnd],
  )

  return (
    <View style={{ flex: 1, minHeight: 0 }} role="list" aria-label={label}>
      <div
        ref={box}
        onScroll={scrolled}
        style={{ flex: '1 1 0px', minHeight: 0, overflowY: 'auto', overflowX: 'hidden', overflowAnchor: 'none', position: 'relative' }}
      >
        <div
          style={{
            minHeight: '100%',
            display: 'flex',
            flexDirection: 'column',
            justifyContent: 'flex-end',
            boxSizing: 'border-box',
            padding: '8px 0 12px',
          }}
        >
          <div style={{ height: at[from], flexShrink: 0 }} />
          {items.slice(from, to).map((item) => (
            <div
              key={item.key}
              style={{ flexShrink: 0, display: 'flow-root' }}
              ref={(element) => {
                if (!element) return
                drawn.current.set(item.key, element)
                sizes.current?.observe(element)
                return () => {
                  drawn.current.delete(item.key)
                  sizes.current?.unobserve(element)
                }
              }}
            >
              {renderItem(item)}
            </div>
          ))}
          <div style={{ height: at[keys.length]! - at[to]!, flexShrink: 0 }} />
        </div>
      </div>
      {!atEnd && <Jump missed={missed} onPress={toEnd} />}
    </View>
  )
}

const leftBelow = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement) => scrollHeight - scrollTop - clientHeight

/** The first item in sight. What comes in goes below the start and below its day's heading, so neither can hold the place. */
function inSight(list: HTMLElement, drawn: ReadonlyMap<string, HTMLElement>): Anchor | null {
  const edge = list.getBoundingClientRect().top
  let first: Anchor | null = null
  for (const [key, element] of drawn) {
    if (key === 'start' || key.startsWith('day-')) continue
    const { top, bottom } = element.getBoundingClientRect()
    if (bottom > edge && top < edge + list.clientHeight && (!first || top - edge < first.y)) first = { key, y: top - edge }
  }
  return first
}
