import { ScrollView } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'

/** Members whose name begins as what was written after the @. */
export function MentionPicker({ people, onPick }: { people: readonly (readonly [id: string, name: string])[]; onPick(name: string): void }) {
  const styles = useStyles()
  const { t } = useI18n()
  return (
    <ScrollView style={styles.all} keyboardShouldPersistTaps="handled" {...({ role: 'listbox', 'aria-label': t('mention.pick') } as object)}>
      {people.map(([id, name]) => (
        <Press key={id} role="option" aria-selected={false} accessibilityLabel={name} onPress={() => onPick(name)} style={styles.one}>
          <Avatar id={id} name={name} size={28} />
          <Txt as="label" numberOfLines={1}>
            {name}
          </Txt>
        </Press>
      ))}
    </ScrollView>
  )
}

const useStyles = themed((colors) => ({
  all: {
    maxHeight: 190,
    flexGrow: 0,
    backgroundColor: colors.surface,
    borderRadius: radius.m,
    borderWidth: 1,
    borderColor: colors.line,
    marginBottom: space.s,
  },
  one: { flexDirection: 'row', alignItems: 'center', gap: space.m, minHeight: 42, paddingHorizontal: space.m },
}))
