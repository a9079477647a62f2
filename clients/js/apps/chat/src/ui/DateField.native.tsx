import { useState } from 'react'
import { View } from 'react-native'
import { readDay, writtenDay } from '../i18n/days'
import { useI18n } from '../i18n/i18n'
import { space } from '../theme/tokens'
import type { DateFieldProps } from './DateField'
import { Field } from './Field'

/** A day, written as the language writes it; the placeholder shows how. */
export function DateField({ label, value, onChange }: DateFieldProps) {
  const { code, t } = useI18n()
  const [text, setText] = useState(value)
  const write = (next: string) => {
    setText(next)
    onChange(readDay(next, code) ?? '')
  }
  return (
    <View style={{ flexGrow: 1, flexBasis: 140, gap: space.xs }}>
      <Field
        label={label}
        value={text}
        onChangeText={write}
        placeholder={writtenDay(new Date(), code)}
        inputMode="text"
        autoCorrect={false}
        hint={text.trim() && !value ? t('list.noDay') : undefined}
      />
    </View>
  )
}
