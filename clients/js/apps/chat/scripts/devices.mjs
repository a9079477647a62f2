// Bundles the app for Android and iOS, as a store build would begin, and throws the bundles away: whether it can be done is what is asked.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const app = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const workspace = resolve(app, '../..')
const target = mkdtempSync(join(tmpdir(), 'tieline-devices-'))
const env = { ...process.env, EXPO_OFFLINE: '1', EXPO_NO_TELEMETRY: '1', CI: '1', NODE_ENV: 'production' }
const run = (command, args, cwd) => execFileSync(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
try {
  run('npm', ['run', 'build', '--silent'], workspace)
  run('npx', ['expo', 'export', '-p', 'android', '-p', 'ios', '--output-dir', target], app)
  for (const system of ['android', 'ios'])
    if (!readdirSync(join(target, '_expo/static/js', system)).some((name) => name.endsWith('.hbc')))
      throw new Error(`No bundle for ${system} came out.`)
} finally {
  rmSync(target, { recursive: true, force: true })
}
