import { type ReactNode, type Ref, useState } from 'react'
import { Platform, Pressable, type PressableProps, type StyleProp, type View, type ViewStyle } from 'react-native'
import { useTheme } from '../theme/theme'

export interface PressProps extends Omit<PressableProps, 'style' | 'children'> {
  style?: StyleProp<ViewStyle>
  children?: ReactNode
  /** The ground while the pointer is over it. */
  quiet?: boolean
  ref?: Ref<View>
}

/** Whatever can be pressed: it answers to the pointer, to the finger and to the keyboard. */
export function Press({ style, children, quiet, ...rest }: PressProps) {
  const { colors } = useTheme()
  const [over, setOver] = useState(false)
  // A link that is no anchor gets no press from Enter; the handler of the press itself would take the place of ours.
  const enter = Platform.OS === 'web' &&
    rest.role === 'link' && {
      onKeyDownCapture: (event: { key: string; target: unknown; currentTarget: unknown; preventDefault(): void }) => {
        if (event.key !== 'Enter' || event.target !== event.currentTarget || rest.disabled) return
        event.preventDefault()
        rest.onPress?.(event as never)
      },
    }
  return (
    <Pressable
      accessibilityRole="button"
      {...rest}
      {...(enter as object)}
      onHoverIn={(event) => {
        setOver(true)
        rest.onHoverIn?.(event)
      }}
      onHoverOut={(event) => {
        setOver(false)
        rest.onHoverOut?.(event)
      }}
      style={({ pressed }) => [
        Platform.OS === 'web' && ({ transitionProperty: 'background-color, opacity', transitionDuration: '120ms' } as object),
        !quiet && over && !rest.disabled && { backgroundColor: colors.raised },
        style,
        pressed && !rest.disabled && { opacity: 0.75 },
        rest.disabled && { opacity: 0.45 },
      ]}
    >
      {children}
    </Pressable>
  )
}
