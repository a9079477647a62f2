import type { MessageState } from '@tieline/client'
import { View } from 'react-native'
import { useTheme } from '../theme/theme'
import { Icon } from '../ui/Icon'
import type { IconName } from '../ui/paths'

const ICONS: Record<MessageState, IconName> = { sending: 'clock', sent: 'one', delivered: 'two', read: 'two', failed: 'alert' }

/** How far a message of ours has come. Its words are in the label of the bubble. */
export function Marks({ state, bare }: { state: MessageState; bare: boolean }) {
  const { colors } = useTheme()
  const color =
    state === 'read' ? (bare ? colors.accent : colors.read) : state === 'failed' ? colors.danger : bare ? colors.muted : colors.onMineMuted
  return (
    <View aria-hidden>
      <Icon name={ICONS[state]} size={state === 'sending' ? 12 : 15} color={color} />
    </View>
  )
}
