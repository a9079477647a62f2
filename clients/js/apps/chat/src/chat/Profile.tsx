import type { Person } from '@tieline/client'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { space } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { Dialog } from '../ui/Dialog'
import { Txt } from '../ui/Txt'

interface Props {
  id: string
  name: string
  picture: string | null
  user: Person | null
  onClose(): void
}

/** Who somebody is, as far as the server tells. */
export function Profile({ id, name, picture, user, onClose }: Props) {
  const { t } = useI18n()
  return (
    <Dialog title={t('person.profile')} onClose={onClose}>
      <View style={{ alignItems: 'center', gap: space.s, paddingVertical: space.m }}>
        <Avatar id={id} name={name} picture={picture} size={96} />
        <Txt as="title" center selectable>
          {name}
        </Txt>
        {user?.username && (
          <Txt color="muted" selectable>
            @{user.username}
          </Txt>
        )}
        {user?.account_type && <Txt color="muted">{user.account_type}</Txt>}
      </View>
    </Dialog>
  )
}
