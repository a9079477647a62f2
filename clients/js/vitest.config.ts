import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: {
      'react-native': source('test/unit/appstate.ts'),
      '@tieline/client/core': source('packages/client/src/core.ts'),
      '@tieline/react/core': source('packages/react/src/core.ts'),
      '@tieline/client': source('packages/client/src/index.ts'),
      '@tieline/react': source('packages/react/src/index.ts'),
    },
  },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
