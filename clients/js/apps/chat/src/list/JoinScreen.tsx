import { useChat } from '@tieline/react'
import { useRouter } from 'expo-router'
import { useEffect, useState } from 'react'
import { useI18n } from '../i18n/i18n'
import { EmptyState } from '../ui/EmptyState'
import { GROUP, pathOf } from './paths'

/** Where an invitation leads: into the group. */
export function JoinScreen({ code }: { code: string }) {
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
