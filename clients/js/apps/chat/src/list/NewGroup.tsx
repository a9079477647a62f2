import type { Person } from '@tieline/client'
import { useChat } from '@tieline/react'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n'
import { useAnnounce } from '../ui/Announcer'
import { Button, IconButton } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { PersonRow } from './PersonRow'
import { GROUP } from './paths'

/** Makes a group of people found by e-mail or username. */
export function NewGroup({ onClose, onOpen }: { onClose(): void; onOpen(id: string): void }) {
  const { t } = useI18n()
  const chat = useChat()
  const { show } = useAnnounce()
  const [name, setName] = useState('')
  const [who, setWho] = useState('')
  const [people, setPeople] = useState<readonly Person[]>([])
  const attempt = (work: Promise<unknown>) => void work.catch((error: Error) => show(t('do.failed', { why: error.message })))
  const add = async () => {
    const [person] = (await chat?.people(who.trim())) ?? []
    if (!person) return show(t('new.nobody'))
    setWho('')
    if (person.id !== chat?.me) setPeople((before) => [...before.filter(({ id }) => id !== person.id), person])
  }
  const create = async () => {
    const group = await chat?.createGroup({ name: name.trim(), members: people.map(({ id }) => id) })
    if (group) onOpen(GROUP + group.id)
  }
  return (
    <Dialog title={t('new.group')} onClose={onClose}>
      <Field label={t('group.name')} value={name} onChangeText={setName} autoFocus />
      {people.map((person) => (
        <PersonRow key={person.id} person={person}>
          <IconButton icon="close" size={18} label={t('group.remove')} onPress={() => setPeople(people.filter((one) => one !== person))} />
        </PersonRow>
      ))}
      <Field
        label={t('new.hint')}
        value={who}
        onChangeText={setWho}
        autoCapitalize="none"
        onSubmitEditing={() => who.trim() && attempt(add())}
        submitBehavior="submit"
      />
      <Button title={t('group.add')} kind="soft" icon="plus" disabled={!who.trim()} onPress={() => attempt(add())} />
      <Button title={t('group.create')} disabled={!name.trim() || !people.length} onPress={() => attempt(create())} />
    </Dialog>
  )
}
