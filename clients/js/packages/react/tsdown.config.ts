import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'neutral',
  external: ['react', '@tieline/client'],
  target: 'es2022',
  dts: { compilerOptions: { stripInternal: true } },
  sourcemap: true,
})
