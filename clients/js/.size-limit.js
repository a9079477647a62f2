// As a bundler that splits makes it: chunks that are loaded later stand beside the first download, and count where they are named.
// Without the paths of tsconfig.json, which lead to the source: what is published is measured.
const esm = (config) => ({ ...config, format: 'esm', target: 'es2022', tsconfigRaw: {} })
const later = ['./probe-*', './oldserver-*']

export default [
  {
    name: 'core',
    path: 'packages/client/dist/core.js',
    import: '{ connectChat }',
    ignore: later,
    modifyEsbuildConfig: esm,
    limit: '8.5 kB',
    gzip: true,
  },
  {
    name: 'core, kept in IndexedDB, and React hooks',
    path: 'test/size/core-react.js',
    ignore: ['react', ...later],
    modifyEsbuildConfig: esm,
    limit: '10.7 kB',
    gzip: true,
  },
  {
    name: 'all features, with IndexedDB',
    path: 'packages/client/dist/index.js',
    import: '{ connectChat }',
    ignore: later,
    modifyEsbuildConfig: esm,
    limit: '19.4 kB',
    gzip: true,
  },
  {
    name: 'all features, and what is loaded later',
    path: 'packages/client/dist/index.js',
    import: '{ connectChat }',
    modifyEsbuildConfig: esm,
    limit: '23.6 kB',
    gzip: true,
  },
]
