import type { Conversation, Member } from '@tieline/client'
import { useChat } from '@tieline/react'
import { useRouter } from 'expo-router'
import { useCallback, useEffect, useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { PersonRow } from '../list/PersonRow'
import { space } from '../theme/tokens'
import { useAnnounce } from '../ui/Announcer'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { type MenuItem, MoreMenu } from '../ui/Menu'
import { Switch } from '../ui/Switch'
import { Txt } from '../ui/Txt'
import { copyText } from './clipboard'
import { GroupPicture } from './GroupPicture'

/** A group: its name, who is in it and as what, its picture, the link that invites, and the way out. */
export function GroupInfo({ conversation, onClose }: { conversation: Conversation; onClose(): void }) {
  const { t } = useI18n()
  const chat = useChat()
  const router = useRouter()
  const { show } = useAnnounce()
  const [members, setMembers] = useState<readonly Member[]>([])
  const [name, setName] = useState(conversation.name ?? '')
  const [who, setWho] = useState('')
  const owner = conversation.role === 'owner'
  const admin = owner || conversation.role === 'admin'
  const load = useCallback(() => conversation.members().then((page) => setMembers(page.members)), [conversation])
  useEffect(() => {
    load().catch(() => {})
  }, [load])
  const attempt = (work: Promise<unknown>) => void work.then(load).catch((error: Error) => show(t('do.failed', { why: error.message })))
  const add = async () => {
    const [person] = (await chat?.people(who.trim())) ?? []
    if (!person) return show(t('new.nobody'))
    setWho('')
    await conversation.addMembers([person.id])
  }
  const invite = async () => {
    const { code } = await conversation.link()
    await copyText(`${typeof location === 'undefined' ? chat?.url : location.origin}/join/${code}`)
    show(t('do.copied'))
  }
  const leave = async () => {
    await conversation.leave()
    onClose()
    router.replace('/chat')
  }
  const items = ({ user, role }: Member): MenuItem[] => [
    ...(owner
      ? [
          {
            key: 'role',
            title: t(role === 'admin' ? 'group.makeMember' : 'group.makeAdmin'),
            icon: 'person' as const,
            act: () => attempt(conversation.setRole(user.id, role === 'admin' ? 'member' : 'admin')),
          },
        ]
      : []),
    { key: 'remove', title: t('group.remove'), icon: 'trash', danger: true, act: () => attempt(conversation.removeMember(user.id)) },
  ]
  return (
    <Dialog title={conversation.name ?? t('group.info')} onClose={onClose}>
      <GroupPicture conversation={conversation} admin={admin} attempt={attempt} />
      {admin && (
        <Field
          label={t('group.name')}
          value={name}
          onChangeText={setName}
          onSubmitEditing={() => name.trim() && attempt(conversation.update({ name: name.trim() }))}
          submitBehavior="submit"
        />
      )}
      <Txt as="label" color="muted" role="heading">
        {t('group.members', { count: conversation.memberCount || members.length })}
      </Txt>
      {members.map((member) => (
        <PersonRow key={member.user.id} person={member.user}>
          {member.role !== 'member' && (
            <Txt as="tiny" color="accent">
              {t(`group.${member.role}`)}
            </Txt>
          )}
          {admin && member.role !== 'owner' && member.user.id !== chat?.me && <MoreMenu items={items(member)} />}
        </PersonRow>
      ))}
      {admin && (
        <>
          <Field
            label={t('group.add')}
            value={who}
            onChangeText={setWho}
            autoCapitalize="none"
            onSubmitEditing={() => who.trim() && attempt(add())}
            submitBehavior="submit"
          />
          <Switch
            label={t('group.announcements')}
            on={conversation.announcements}
            onChange={(announcements) => attempt(conversation.update({ announcements }))}
          />
          <Switch
            label={t('group.history')}
            on={conversation.history === 'all'}
            onChange={(all) => attempt(conversation.update({ history: all ? 'all' : 'joined' }))}
          />
          <Button title={t('group.link')} kind="soft" icon="copy" onPress={() => attempt(invite())} />
        </>
      )}
      <View style={{ marginTop: space.s }}>
        <Button title={t('group.leave')} kind="danger" icon="signout" onPress={() => attempt(leave())} />
      </View>
    </Dialog>
  )
}
