import type { Conversation } from '@tieline/client'
import { useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { GROUP } from '../list/paths'
import { themed } from '../theme/theme'
import { space } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { Button } from '../ui/Button'
import { pickPicture } from './pick'
import { useFeatures } from './presence'

interface Props {
  conversation: Conversation
  /** Only admins change it. */
  admin: boolean
  /** Says what went wrong. */
  attempt(work: Promise<unknown>): void
}

/** The picture of a group, and how it is set, changed and taken away. */
export function GroupPicture({ conversation, admin, attempt }: Props) {
  const styles = useStyles()
  const { t } = useI18n()
  const [busy, setBusy] = useState(false)
  const uploads = useFeatures().has('attachments')
  const { id, name, avatar } = conversation
  const set = (work: Promise<void>) => {
    setBusy(true)
    attempt(work.finally(() => setBusy(false)))
  }
  const choose = async () => {
    const picture = await pickPicture()
    if (picture) set(conversation.setPicture(picture))
  }
  return (
    <View style={styles.all}>
      <Avatar id={GROUP + id} name={name ?? id} picture={avatar} size={96} />
      {admin && (uploads || avatar) && (
        <View style={styles.buttons}>
          {uploads && (
            <Button
              title={t(busy ? 'chat.sending' : avatar ? 'group.pictureChange' : 'group.pictureAdd')}
              kind="soft"
              busy={busy}
              onPress={() => attempt(choose())}
            />
          )}
          {avatar && !busy && <Button title={t('group.pictureRemove')} kind="plain" onPress={() => set(conversation.setPicture(null))} />}
        </View>
      )}
    </View>
  )
}

const useStyles = themed(() => ({
  all: { alignItems: 'center', gap: space.m },
  buttons: { flexDirection: 'row', flexWrap: 'wrap', justifyContent: 'center', gap: space.s },
}))
