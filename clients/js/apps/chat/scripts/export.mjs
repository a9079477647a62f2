// Exports the web app into out/app of the repository: compressed beside each file, and without a line of script or style in the page.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const app = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const workspace = resolve(app, '../..')
const target = resolve(process.argv[2] ?? join(workspace, '../../out/app'))
const fresh = `${target}.new`
const env = {
  ...process.env,
  EXPO_UNSTABLE_TREE_SHAKING: '1',
  EXPO_UNSTABLE_METRO_OPTIMIZE_GRAPH: '1',
  EXPO_OFFLINE: '1',
  EXPO_NO_TELEMETRY: '1',
  CI: '1',
  NODE_ENV: 'production',
}
const run = (command, args, cwd) => execFileSync(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })

run('npm', ['run', 'build', '--silent'], workspace)
rmSync(fresh, { recursive: true, force: true })
run('npx', ['expo', 'export', '-p', 'web', '--output-dir', fresh], app)

const files = (folder, below = '') =>
  readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(folder, join(below, entry.name)) : [join(below, entry.name)],
  )

// The page of a strict policy: styles go into a file, named by what is in it.
const page = join(fresh, 'index.html')
let html = readFileSync(page, 'utf8')
const styles =
  [...html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map(([, text]) => text).join('\n') + readFileSync(join(app, 'scripts/page.css'), 'utf8')
const css = `_expo/static/css/page-${createHash('sha256').update(styles).digest('hex').slice(0, 16)}.css`
mkdirSync(dirname(join(fresh, css)), { recursive: true })
writeFileSync(join(fresh, css), styles)
const head = readFileSync(join(app, 'scripts/head.html'), 'utf8').trim()
html = html
  .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
  .replace(/<noscript>[\s\S]*?<\/noscript>/, '<noscript>This chat needs JavaScript.</noscript>')
  .replace('</head>', `${head}<link rel="stylesheet" href="/${css}"></head>`)
if (/<script(?![^>]*\ssrc=)[^>]*>\s*\S/.test(html)) throw new Error('A script stands in the page; the policy forbids it.')
writeFileSync(page, html)

// The service worker is told what the shell is made of.
const shell = [
  '/',
  ...files(fresh)
    .filter((name) => /^(_expo\/static\/(js|css)|manifest|icon)/.test(name) && !name.endsWith('.map'))
    .map((name) => `/${name}`),
]
const version = createHash('sha256')
  .update(shell.join('\n') + html)
  .digest('hex')
  .slice(0, 16)
const worker = join(fresh, 'sw.js')
if (existsSync(worker))
  writeFileSync(worker, readFileSync(worker, 'utf8').replace('__VERSION__', version).replace('"__SHELL__"', JSON.stringify(shell)))

const SMALL = 512
for (const name of files(fresh)) {
  const file = join(fresh, name)
  if (!/\.(html|js|css|json|svg|webmanifest|txt)$/.test(name) || statSync(file).size < SMALL) continue
  const text = readFileSync(file)
  writeFileSync(
    `${file}.br`,
    brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }),
  )
  writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }))
}

// One step, so that a server never sees half of it.
rmSync(target, { recursive: true, force: true })
mkdirSync(dirname(target), { recursive: true })
try {
  renameSync(fresh, target)
} catch {
  cpSync(fresh, target, { recursive: true })
  rmSync(fresh, { recursive: true, force: true })
}
const loaded = [...html.matchAll(/<script[^>]*src="\/([^"]+)"/g)]
  .map(([, name]) => statSync(join(target, `${name}.br`)).size)
  .reduce((a, b) => a + b, 0)
console.log(`app: ${target}, ${(loaded / 1000).toFixed(1)} kB of JavaScript for the first load (brotli)`)
