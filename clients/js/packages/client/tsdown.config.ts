import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsdown'
import { shortNames } from './shortnames.js'

export default defineConfig({
  entry: ['src/index.ts', 'src/core.ts', 'src/react-native.ts'],
  format: ['esm', 'cjs'],
  platform: 'neutral',
  external: ['react-native'],
  target: 'es2022',
  dts: { compilerOptions: { stripInternal: true } },
  sourcemap: true,
  // What every bundler does again, but not every one as well; names and lines stay as they are.
  inputOptions: { optimization: { inlineConst: { mode: 'all', pass: 2 } } },
  plugins: [shortNames(fileURLToPath(new URL('src', import.meta.url)), 'core.ts')],
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
})
