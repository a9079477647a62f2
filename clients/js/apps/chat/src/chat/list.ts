import type { ReactElement, Ref } from 'react'
import type { Item } from './items'

export interface MessageListHandle {
  toEnd(animated?: boolean): void
  toIndex(index: number): void
}

export interface MessageListProps {
  items: readonly Item[]
  /** Messages of others that came while the end was out of sight. */
  missed: number
  label: string
  ref?: Ref<MessageListHandle>
  renderItem(item: Item): ReactElement | null
  /** Asks for older ones. @returns whether some came */
  onOlder(): Promise<boolean>
  /** True when the newest message is in sight. */
  onEnd(atEnd: boolean): void
}

/** So close to the end counts as being there, in pixels. */
export const NEAR_END = 120
