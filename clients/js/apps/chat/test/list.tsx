import type { ReactElement } from 'react'
import { ScrollView, View } from 'react-native'

interface Props<T> {
  data: readonly T[]
  keyExtractor(item: T): string
  renderItem(row: { item: T }): ReactElement | null
  onStartReached?(): void
}

/** All rows at once: nothing has a size here, and a list that draws what is in sight would draw nothing. */
export function LegendList<T>({ data, keyExtractor, renderItem, onStartReached }: Props<T>) {
  return (
    <ScrollView testID="messages" onScrollBeginDrag={onStartReached}>
      {data.map((item) => (
        <View key={keyExtractor(item)}>{renderItem({ item })}</View>
      ))}
    </ScrollView>
  )
}
