import { Slot } from 'expo-router'
import { StatusBar } from 'expo-status-bar'
import { SafeAreaProvider } from 'react-native-safe-area-context'
import { I18nProvider } from '../src/i18n/i18n'
import { SessionProvider } from '../src/session/session'
import { keepShell } from '../src/session/worker'
import { ThemeProvider } from '../src/theme/theme'
import { Announcer } from '../src/ui/Announcer'

keepShell()

export default function Layout() {
  return (
    <SafeAreaProvider>
      <I18nProvider>
        <ThemeProvider>
          <SessionProvider>
            <Announcer>
              <StatusBar style="auto" />
              <Slot />
            </Announcer>
          </SessionProvider>
        </ThemeProvider>
      </I18nProvider>
    </SafeAreaProvider>
  )
}
