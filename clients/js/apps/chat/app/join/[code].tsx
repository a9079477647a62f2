import { useChat } from '@tieline/react'
import { Redirect, useLocalSearchParams, useRouter } from 'expo-router'
import { useEffect, useState } from 'react'
import { useI18n } from '../../src/i18n/i18n'
import { GROUP, pathOf } from '../../src/list/rows'
import { useSession } from '../../src/session/session'
import { EmptyState } from '../../src/ui/EmptyState'

/** Where an invitation leads: into the group. */
export default function Join() {
  const { account } = useSession()
  if (account === null) return null
  return account ? <Joining /> : <Redirect href="/" />
}

function Joining() {
  const { code } = useLocalSearchParams<{ code: string }>()
  const { t } = useI18n()
  const chat = useChat()
  const router = useRouter()
  const [problem, setProblem] = useState('')
  useEffect(() => {
    chat?.join(code).then(
      ({ id }) => router.replace(pathOf(GROUP + id) as never),
      (error: Error) => setProblem(error.message),
    )
  }, [chat, code, router])
  return <EmptyState icon="people" title={t('group.join')} hint={problem} />
}
