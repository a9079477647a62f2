// What is published is measured, as a bundler that splits makes it: chunks that are loaded later stand beside the first
// download, and count where they are named. Without the paths of tsconfig.json, which lead to the source.
const esm = (config) => ({ ...config, format: 'esm', target: 'es2022', tsconfigRaw: {} })
/** It is a bundle already. */
const asItIs = () => undefined
const later = ['./probe-*', './oldserver-*']

export default [
  // As Vite bundles it (Rolldown and Oxc): test/size/tsdown.config.ts.
  {
    name: 'core',
    path: 'test-results/size/core.js',
    modifyEsbuildConfig: asItIs,
    limit: '8 kB',
    gzip: true,
  },
  {
    name: 'core, kept in IndexedDB, and React hooks',
    path: 'test-results/size/core-react.js',
    modifyEsbuildConfig: asItIs,
    limit: '10 kB',
    gzip: true,
  },
  // As esbuild bundles it: its names of variables compress less.
  {
    name: 'core, by esbuild',
    path: 'packages/client/dist/core.js',
    import: '{ connectChat }',
    ignore: later,
    modifyEsbuildConfig: esm,
    limit: '8.2 kB',
    gzip: true,
  },
  {
    name: 'core, kept in IndexedDB, and React hooks, by esbuild',
    path: 'test/size/core-react.js',
    ignore: ['react', ...later],
    modifyEsbuildConfig: esm,
    limit: '10.4 kB',
    gzip: true,
  },
  {
    name: 'all features, with IndexedDB, by esbuild',
    path: 'packages/client/dist/index.js',
    import: '{ connectChat }',
    ignore: later,
    modifyEsbuildConfig: esm,
    limit: '19.3 kB',
    gzip: true,
  },
  {
    name: 'all features, and what is loaded later, by esbuild',
    path: 'packages/client/dist/index.js',
    import: '{ connectChat }',
    modifyEsbuildConfig: esm,
    limit: '23.5 kB',
    gzip: true,
  },
]
