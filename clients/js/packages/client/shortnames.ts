import { readdirSync, readFileSync } from 'node:fs'
import { transform } from 'esbuild'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']

/**
 * A member whose name begins with `_` is this package's own: nothing on the wire, in a store or in the API is called so
 * (test/unit/own-names.test.ts). The build gives each a short name, the same in all files of both formats, and one
 * that nothing else in the sources is called.
 */
export function shortNames(folder: string) {
  const text = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    .join('\n')
  const words = new Set(text.match(/[\w$]+/g))
  const short = [...LETTERS, ...LETTERS.flatMap((first) => LETTERS.map((second) => first + second))].filter((name) => !words.has(name))
  const uses = new Map<string, number>()
  for (const [name] of text.matchAll(/\b_[a-z]\w+/g)) uses.set(name, (uses.get(name) ?? 0) + 1)
  const names = [...uses.keys()].sort((a, b) => uses.get(b)! - uses.get(a)! || (a < b ? -1 : 1))
  const mangleCache = Object.fromEntries(names.map((name, at) => [name, short[at]!]))

  return {
    name: 'short-names',
    async renderChunk(code: string, { fileName }: { fileName: string }) {
      if (!/\.c?js$/.test(fileName)) return null
      const made = await transform(code, { mangleProps: /^_[a-z]/, mangleCache, sourcemap: 'external', sourcefile: fileName, target: 'es2022' })
      for (const name of Object.keys(made.mangleCache!)) if (!mangleCache[name]) throw new Error(`${name} is in no source of ${folder}.`)
      return { code: made.code, map: made.map }
    },
  }
}
