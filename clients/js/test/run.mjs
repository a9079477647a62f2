// Runs the tests and writes their real counts to test-results/summary.json; `soak` runs the chaos at full size.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const results = `${root}test-results/`
const soak = process.argv[2] === 'soak'
rmSync(results, { recursive: true, force: true })
mkdirSync(results)

// The examples are run from the built packages, and the unit tests once more over them.
spawnSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: 'inherit' })

const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}vitest.json`]
if (soak) args.push('test/chaos')
else args.push(...process.argv.slice(2))
const { status } = spawnSync(process.execPath, [`${root}node_modules/vitest/vitest.mjs`, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(soak && { CHAOS_SOAK: '1' }) },
})

/** What failed, said once more behind both runners' reports. */
const said = []
const firstLine = (text = '') => text.split('\n', 1)[0].slice(0, 300)
const rest = (text = '') =>
  text
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() && !/^\s+at /.test(line))
    .join('\n')
    .slice(0, 900)
    .split('\n')
    .map((line) => `  | ${line}`)

/** What a runner counted; both write the same words. A file that could not even be loaded has no tests to count, and has failed all the same. */
function counted(file, status) {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, testResults } = JSON.parse(readFileSync(`${results}${file}`, 'utf8'))
    for (const suite of testResults.filter((one) => one.status === 'failed')) {
      const tests = suite.assertionResults.filter((one) => one.status === 'failed')
      for (const test of tests) {
        said.push(`failed ${test.fullName}: ${firstLine(test.failureMessages[0])}`)
        // What the page showed is where such an error tells the most; of a few is enough.
        if (said.length < 8) said.push(...rest(test.failureMessages[0]))
      }
      if (!tests.length) said.push(`failed ${suite.name.slice(root.length)}: ${firstLine(suite.message)}`)
    }
    return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites > 0 || status !== 0 ? 1 : 0) }
  } catch (error) {
    console.error(`No result was written: ${error}`)
    return { passed: 0, failed: 1 }
  }
}

let { passed, failed } = counted('vitest.json', status)
// The screens' logic and components, as a device draws them; asked for a part of the tests, only that part is run.
if (process.argv.length === 2) {
  const screens = spawnSync(process.execPath, [`${root}node_modules/jest/bin/jest.js`, '--json', `--outputFile=${results}jest.json`], {
    cwd: `${root}apps/chat`,
    stdio: 'inherit',
    env: { ...process.env, EXPO_OFFLINE: '1', EXPO_NO_TELEMETRY: '1', CI: '1' },
  })
  const more = counted('jest.json', screens.status)
  passed += more.passed
  failed += more.failed
}
writeFileSync(`${results}summary.json`, `${JSON.stringify({ passed, failed })}\n`)
for (const line of said) console.log(line)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
