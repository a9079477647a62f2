// Runs the tests and writes their real counts to test-results/summary.json; `soak` runs the chaos at full size.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const results = `${root}test-results/`
const soak = process.argv[2] === 'soak'
rmSync(results, { recursive: true, force: true })
mkdirSync(results)

// The examples are run from the built packages.
if (!existsSync(`${root}packages/react/dist/index.js`)) spawnSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' })

const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}vitest.json`]
if (soak) args.push('test/chaos')
else args.push(...process.argv.slice(2))
const { status } = spawnSync(process.execPath, [`${root}node_modules/vitest/vitest.mjs`, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(soak && { CHAOS_SOAK: '1' }) },
})

let passed = 0
let failed = 1
try {
  const report = JSON.parse(readFileSync(`${results}vitest.json`, 'utf8'))
  passed = report.numPassedTests
  // A file that could not even be loaded has no tests to count, and has failed all the same.
  failed = Math.max(report.numFailedTests, report.numFailedTestSuites > 0 || status !== 0 ? 1 : 0)
} catch (error) {
  console.error(`No result was written: ${error}`)
}
writeFileSync(`${results}summary.json`, `${JSON.stringify({ passed, failed })}\n`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed || status ? 1 : 0)
