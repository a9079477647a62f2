import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { space } from '../theme/tokens'
import { Choices } from '../ui/Choices'
import { DateField } from '../ui/DateField'
import { Switch } from '../ui/Switch'
import type { Narrow } from './narrow'

interface Props {
  /** Whether person and date are asked for at all. */
  open: boolean
  onOpen(open: boolean): void
  narrow: Narrow
  onNarrow(narrow: Narrow): void
  people: readonly { id: string; name: string }[]
}

/** Which messages are looked for: with pictures, by whom, of which days. */
export function SearchFilters({ open, onOpen, narrow, onNarrow, people }: Props) {
  const { t } = useI18n()
  const set = (change: Partial<Narrow>) => onNarrow({ ...narrow, ...change })
  return (
    <View style={{ paddingHorizontal: space.xl, gap: space.s }}>
      <Switch label={t('list.pictures')} on={narrow.pictures} onChange={(pictures) => set({ pictures })} />
      <Switch label={t('list.filters')} on={open} onChange={onOpen} />
      {open && people.length > 0 && (
        <Choices
          label={t('list.from')}
          value={narrow.from}
          choices={[['', t('list.anyone')], ...people.map(({ id, name }) => [id, name] as const)]}
          onChoose={(from) => set({ from })}
        />
      )}
      {open && (
        <Choices<Narrow['since']>
          label={t('list.since')}
          value={narrow.since}
          choices={[
            ['any', t('list.anyTime')],
            ['week', t('list.week')],
            ['month', t('list.month')],
            ['year', t('list.year')],
            ['days', t('list.days')],
          ]}
          onChoose={(since) => set({ since })}
        />
      )}
      {open && narrow.since === 'days' && (
        <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
          <DateField label={t('list.firstDay')} value={narrow.first} onChange={(first) => set({ first })} />
          <DateField label={t('list.lastDay')} value={narrow.last} onChange={(last) => set({ last })} />
        </View>
      )}
    </View>
  )
}
