import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts', 'src/core.ts', 'src/react-native.ts'],
  format: ['esm', 'cjs'],
  platform: 'neutral',
  external: ['react-native'],
  target: 'es2022',
  dts: { compilerOptions: { stripInternal: true } },
  sourcemap: true,
})
