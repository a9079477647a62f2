import { LegendList, type LegendListRef } from '@legendapp/list/react-native'
import { useCallback, useImperativeHandle, useRef, useState } from 'react'
import { type NativeScrollEvent, type NativeSyntheticEvent, StyleSheet, View } from 'react-native'
import { space } from '../theme/tokens'
import { Jump } from './Jump'
import { type MessageListProps, NEAR_END } from './list'

/** The messages of a chat: opens at the end, stays where it is when older ones come in above, follows when it is at the end. */
export function MessageList({ items, missed, label, ref, renderItem, onOlder, onEnd }: MessageListProps) {
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
        onStartReached={() => void onOlder()}
        onStartReachedThreshold={1.5}
        onScroll={scrolled}
        scrollEventThrottle={32}
        keyboardShouldPersistTaps="handled"
        keyboardDismissMode="interactive"
        style={styles.list}
        contentContainerStyle={styles.content}
      />
      {!atEnd && <Jump missed={missed} onPress={() => toEnd()} />}
    </View>
  )
}

const styles = StyleSheet.create({
  all: { flex: 1, minHeight: 0 },
  list: { flex: 1 },
  content: { paddingTop: space.s, paddingBottom: space.m },
})
