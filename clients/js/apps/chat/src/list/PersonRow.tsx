import type { Person } from '@tieline/client'
import type { ReactNode } from 'react'
import { View } from 'react-native'
import { radius, space } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { nameOf } from './rows'

/** A person, to choose. */
export function PersonRow({ person, onPress, children }: { person: Person; onPress?: () => void; children?: ReactNode }) {
  const name = nameOf(person, person.id)
  const row = { flexDirection: 'row', alignItems: 'center', gap: space.m, padding: space.s, borderRadius: radius.m } as const
  const inside = (
    <>
      <Avatar id={person.id} name={name} picture={person.avatar} size={40} />
      <View style={{ flex: 1, minWidth: 0 }}>
        <Txt as="strong" numberOfLines={1}>
          {name}
        </Txt>
        {person.username && (
          <Txt as="small" color="muted" numberOfLines={1}>
            @{person.username}
          </Txt>
        )}
      </View>
      {children}
    </>
  )
  if (!onPress) return <View style={row}>{inside}</View>
  return (
    <Press onPress={onPress} accessibilityLabel={name} style={row}>
      {inside}
    </Press>
  )
}
