import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsdown'

// As Vite bundles an app that imports the published packages: by Rolldown, minified by Oxc. Measured by size-limit.
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig(
  ['core', 'core-react'].map((name) => ({
    entry: here(`${name}.js`),
    outDir: here('../../test-results/size'),
    clean: false,
    format: 'esm' as const,
    platform: 'browser' as const,
    target: 'es2022',
    // Its paths lead to the sources; what is published is measured.
    tsconfig: false,
    inputOptions: { tsconfig: false as const },
    dts: false,
    minify: true,
    deps: { alwaysBundle: [/^@tieline\//], neverBundle: ['react'], onlyBundle: false as const },
    logLevel: 'warn' as const,
  })),
)
