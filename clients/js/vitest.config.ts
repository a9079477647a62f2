import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const packages = ['@tieline/client/core', '@tieline/react/core', '@tieline/client', '@tieline/react']
const fileOf = (name: string, folder: string, ending: string) => {
  const [, place, entry = 'index'] = name.split('/')
  return source(`packages/${place}/${folder}/${entry}${ending}`)
}

/** What is loaded later has its contents in its name. */
const dist = source('packages/client/dist')
const later = (name: string) => existsSync(dist) && readdirSync(dist).find((file) => file.startsWith(`${name}-`) && file.endsWith('.js'))

export default defineConfig({
  test: {
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        resolve: {
          alias: {
            'react-native': source('test/unit/appstate.ts'),
            ...Object.fromEntries(packages.map((name) => [name, fileOf(name, 'src', '.ts')])),
          },
        },
        test: { name: 'source', include: ['test/**/*.test.ts', 'test/**/*.test.tsx'] },
      },
      {
        // Once more over what is published: the build shortens names.
        extends: true,
        resolve: {
          alias: [
            { find: 'react-native', replacement: source('test/unit/appstate.ts') },
            ...packages.map((name) => ({ find: name, replacement: fileOf(name, 'dist', '.js') })),
            { find: /^.*\/packages\/(client|react)\/src\/(index|core|react-native)\.js$/, replacement: source('packages/$1/dist/$2.js') },
            ...['oldserver', 'probe'].map((name) => ({ find: new RegExp(`^.*/src/${name}\\.js$`), replacement: `${dist}/${later(name)}` })),
          ],
        },
        test: { name: 'built', include: ['test/unit/**/*.test.ts', 'test/unit/**/*.test.tsx', 'test/real/transports.test.ts'] },
      },
    ],
  },
})
