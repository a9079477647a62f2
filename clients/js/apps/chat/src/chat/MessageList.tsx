import { LegendList, type LegendListRef } from '@legendapp/list/react-native'
import { type ReactElement, type Ref, useCallback, useImperativeHandle, useRef, useState } from 'react'
import { type NativeScrollEvent, type NativeSyntheticEvent, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import type { Item } from './items'

export interface MessageListHandle {
  toEnd(animated?: boolean): void
  toIndex(index: number): void
}

interface Props {
  items: readonly Item[]
  /** Messages of others that came while the end was out of sight. */
  missed: number
  label: string
  ref?: Ref<MessageListHandle>
  renderItem(item: Item): ReactElement | null
  onOlder(): void
  /** True when the newest message is in sight. */
  onEnd(atEnd: boolean): void
}

const NEAR_END = 120

/** The messages of a chat: opens at the end, stays where it is when older ones come in above, follows when it is at the end. */
export function MessageList({ items, missed, label, ref, renderItem, onOlder, onEnd }: Props) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t } = useI18n()
  const list = useRef<LegendListRef>(null)
  const [atEnd, setAtEnd] = useState(true)
  const toEnd = useCallback((animated = true) => void list.current?.scrollToEnd({ animated }), [])
  useImperativeHandle(ref, () => ({ toEnd, toIndex: (index) => void list.current?.scrollToIndex({ index, animated: true, viewPosition: 0.3 }) }), [
    toEnd,
  ])

  const scrolled = (event: NativeSyntheticEvent<NativeScrollEvent>) => {
    const { contentOffset, contentSize, layoutMeasurement } = event.nativeEvent
    const near = contentSize.height - contentOffset.y - layoutMeasurement.height < NEAR_END
    if (near === atEnd) return
    setAtEnd(near)
    onEnd(near)
  }

  return (
    <View style={styles.all} role="list" aria-label={label}>
      <LegendList
        ref={list}
        data={items}
        keyExtractor={(item) => item.key}
        renderItem={({ item }) => renderItem(item)}
        getItemType={(item) => item.kind}
        estimatedItemSize={64}
        drawDistance={600}
        alignItemsAtEnd
        initialScrollAtEnd
        maintainScrollAtEnd
        maintainScrollAtEndThreshold={0.15}
        maintainVisibleContentPosition={{ data: true, size: true }}
        onStartReached={onOlder}
        onStartReachedThreshold={1.5}
        onScroll={scrolled}
        scrollEventThrottle={32}
        keyboardShouldPersistTaps="handled"
        keyboardDismissMode="interactive"
        style={styles.list}
        contentContainerStyle={styles.content}
      />
      {!atEnd && (
        <Press
          quiet
          accessibilityLabel={missed ? t('chat.newest', { count: missed }) : t('chat.toNewest')}
          onPress={() => toEnd()}
          style={styles.jump}
        >
          {missed > 0 && (
            <View style={styles.count}>
              <Txt as="tiny" color="onAccent">
                {missed}
              </Txt>
            </View>
          )}
          <Icon name="down" size={20} color={colors.text} />
        </Press>
      )}
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, minHeight: 0 },
  list: { flex: 1 },
  content: { paddingTop: space.s, paddingBottom: space.m },
  jump: {
    position: 'absolute',
    bottom: space.m,
    end: space.l,
    minWidth: 42,
    height: 42,
    borderRadius: radius.pill,
    backgroundColor: colors.surface,
    borderWidth: 1,
    borderColor: colors.line,
    alignItems: 'center',
    justifyContent: 'center',
    boxShadow: `0 4px 14px ${colors.shade}`,
  },
  count: {
    position: 'absolute',
    top: -8,
    minWidth: 20,
    height: 20,
    paddingHorizontal: 5,
    borderRadius: 10,
    backgroundColor: colors.accent,
    alignItems: 'center',
    justifyContent: 'center',
  },
}))
