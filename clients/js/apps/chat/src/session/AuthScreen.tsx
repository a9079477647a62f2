import { useRef, useState } from 'react'
import { KeyboardAvoidingView, ScrollView, type TextInput, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useWide } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Logo } from '../ui/Logo'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { SignInError, signIn, signUp } from './accounts'
import { useSession } from './session'

/** Sign in, or make an account: one card, few words. */
export function AuthScreen() {
  const styles = useStyles()
  const { t } = useI18n()
  const wide = useWide()
  const { enter } = useSession()
  const [isNew, setNew] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [fields, setFields] = useState({ name: '', username: '', email: '', password: '' })
  const email = useRef<TextInput>(null)
  const password = useRef<TextInput>(null)
  const set = (name: keyof typeof fields) => (value: string) => setFields((before) => ({ ...before, [name]: value }))

  const submit = async () => {
    const { name, username, password: secret } = fields
    const address = fields.email.trim()
    if (!address || !secret || (isNew && (!name.trim() || !username.trim()))) return setProblem(t('auth.missing'))
    setBusy(true)
    setProblem('')
    try {
      await enter(
        isNew ? await signUp({ full_name: name.trim(), username: username.trim(), email: address, password: secret }) : await signIn(address, secret),
      )
    } catch (error) {
      const { kind, message } = error instanceof SignInError ? error : { kind: 'refused', message: String(error) }
      setProblem(kind === 'external' ? t('auth.external') : kind === 'unreachable' ? t('auth.unreachable') : message)
      setBusy(false)
    }
  }

  return (
    <KeyboardAvoidingView behavior="padding" style={styles.all}>
      <ScrollView contentContainerStyle={styles.page} keyboardShouldPersistTaps="handled">
        <View style={[styles.card, wide && styles.raisedCard]} role="main">
          <View style={styles.brand}>
            <Logo size={56} />
            <Txt as="display" role="heading" center>
              Tieline
            </Txt>
            <Txt color="muted" center>
              {t('app.tagline')}
            </Txt>
          </View>
          <Txt as="title" role="heading">
            {t(isNew ? 'auth.start' : 'auth.welcome')}
          </Txt>
          {isNew && (
            <>
              <Field label={t('auth.name')} value={fields.name} onChangeText={set('name')} autoComplete="name" />
              <Field
                label={t('auth.username')}
                value={fields.username}
                onChangeText={set('username')}
                autoCapitalize="none"
                autoComplete="username"
              />
            </>
          )}
          <Field
            ref={email}
            label={t('auth.email')}
            value={fields.email}
            onChangeText={set('email')}
            autoCapitalize="none"
            autoComplete="email"
            inputMode="email"
            onSubmitEditing={() => password.current?.focus()}
            submitBehavior="submit"
          />
          <Field
            ref={password}
            label={t('auth.password')}
            hint={isNew ? t('auth.passwordHint') : undefined}
            value={fields.password}
            onChangeText={set('password')}
            secureTextEntry
            autoComplete={isNew ? 'new-password' : 'current-password'}
            onSubmitEditing={() => void submit()}
          />
          {problem !== '' && (
            <View role="alert" style={styles.problem}>
              <Txt as="label" color="danger">
                {problem}
              </Txt>
            </View>
          )}
          <Button title={t(isNew ? 'auth.signUp' : 'auth.signIn')} busy={busy} onPress={() => void submit()} style={styles.button} />
          <Press
            quiet
            style={styles.other}
            onPress={() => {
              setNew(!isNew)
              setProblem('')
            }}
          >
            <Txt as="label" color="accent" center>
              {t(isNew ? 'auth.toSignIn' : 'auth.toSignUp')}
            </Txt>
          </Press>
        </View>
      </ScrollView>
    </KeyboardAvoidingView>
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, backgroundColor: colors.ground },
  page: { flexGrow: 1, alignItems: 'center', justifyContent: 'center', padding: space.l },
  card: { width: '100%', maxWidth: 400, gap: space.m, padding: space.s },
  raisedCard: { padding: space.xxl, backgroundColor: colors.surface, borderRadius: radius.l, borderWidth: 1, borderColor: colors.line },
  brand: { alignItems: 'center', gap: space.xs, marginBottom: space.l },
  problem: { backgroundColor: colors.dangerSoft, borderRadius: radius.s, padding: space.m },
  button: { marginTop: space.xs },
  other: { padding: space.s, borderRadius: radius.s },
}))
