import type { Person } from '@tieline/client'
import { useChat } from '@tieline/react'
import { useState } from 'react'
import { View } from 'react-native'
import { useFeatures } from '../chat/presence'
import { useI18n } from '../i18n/i18n'
import { space } from '../theme/tokens'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { Txt } from '../ui/Txt'
import { NewGroup } from './NewGroup'
import { PersonRow } from './PersonRow'

/** Finds somebody by the whole e-mail address or username. */
export function NewChat({ onClose, onOpen }: { onClose(): void; onOpen(id: string): void }) {
  const { t } = useI18n()
  const chat = useChat()
  const [query, setQuery] = useState('')
  const [busy, setBusy] = useState(false)
  const [found, setFound] = useState<readonly Person[] | null>(null)
  const [problem, setProblem] = useState('')
  const offers = useFeatures()
  const [group, setGroup] = useState(false)

  const find = async () => {
    const wanted = query.trim()
    if (!wanted || !chat) return
    setBusy(true)
    setProblem('')
    try {
      const people = (await chat.people(wanted)).filter(({ id }) => id !== chat.me)
      if (people.length === 1) return onOpen(people[0]!.id)
      setFound(people)
    } catch {
      setProblem(t('auth.unreachable'))
    }
    setBusy(false)
  }

  if (group) return <NewGroup onClose={onClose} onOpen={onOpen} />
  return (
    <Dialog title={t('new.title')} onClose={onClose}>
      <Field
        label={t('new.hint')}
        value={query}
        onChangeText={(text) => {
          setQuery(text)
          setFound(null)
        }}
        onSubmitEditing={() => void find()}
        submitBehavior="submit"
        autoFocus
        autoCapitalize="none"
        inputMode="email"
      />
      {found?.map((person) => (
        <PersonRow key={person.id} person={person} onPress={() => onOpen(person.id)} />
      ))}
      {found?.length === 0 && (
        <Txt role="alert" color="muted">
          {t('new.nobody')}
        </Txt>
      )}
      {problem !== '' && (
        <Txt role="alert" color="danger">
          {problem}
        </Txt>
      )}
      <View style={{ marginTop: space.xs }}>
        <Button title={t('new.find')} busy={busy} onPress={() => void find()} />
      </View>
      {offers.has('groups') && <Button title={t('new.group')} kind="plain" icon="people" onPress={() => setGroup(true)} />}
    </Dialog>
  )
}
