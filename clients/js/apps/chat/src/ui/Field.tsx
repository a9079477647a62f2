import { type Ref, useId, useState } from 'react'
import { Platform, TextInput, type TextInputProps, View } from 'react-native'
import { themed, useTheme } from '../theme/theme'
import { radius, space, type } from '../theme/tokens'
import { Txt } from './Txt'

interface Props extends TextInputProps {
  label: string
  hint?: string
  /** Only for those who hear it. */
  hideLabel?: boolean
  ref?: Ref<TextInput>
}

export function Field({ label, hint, hideLabel, style, ref, ...rest }: Props) {
  const styles = useStyles()
  const { colors } = useTheme()
  const [focused, setFocused] = useState(false)
  const id = useId()
  return (
    <View style={styles.field}>
      {!hideLabel && (
        <Txt as="label" nativeID={`${id}l`}>
          {label}
        </Txt>
      )}
      <TextInput
        ref={ref}
        {...rest}
        accessibilityLabel={label}
        placeholderTextColor={colors.muted}
        onFocus={(event) => {
          setFocused(true)
          rest.onFocus?.(event)
        }}
        onBlur={(event) => {
          setFocused(false)
          rest.onBlur?.(event)
        }}
        style={[styles.input, focused && styles.focused, Platform.OS === 'web' && ({ outlineStyle: 'none' } as object), style]}
      />
      {hint && (
        <Txt as="small" color="muted">
          {hint}
        </Txt>
      )}
    </View>
  )
}

const useStyles = themed((colors) => ({
  field: { gap: space.xs },
  input: {
    ...type.body,
    minHeight: 46,
    color: colors.text,
    backgroundColor: colors.raised,
    borderRadius: radius.m,
    borderWidth: 1,
    borderColor: colors.edge,
    paddingHorizontal: space.m + 2,
    paddingVertical: space.s,
  },
  focused: { borderColor: colors.accent, backgroundColor: colors.surface },
}))
