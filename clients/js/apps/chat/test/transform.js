const { transformSync } = require('esbuild')

/** For the packages and the server in memory: plain TypeScript, as their own tests run it. */
module.exports = {
  process: (text, file) => transformSync(text, { loader: 'ts', format: 'cjs', target: 'node20', sourcefile: file, sourcemap: 'inline' }),
}
