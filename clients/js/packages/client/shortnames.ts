import { readdirSync, readFileSync } from 'node:fs'
import { transform } from 'esbuild'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']

/**
 * A member whose name begins with `_` is this package's own: nothing on the wire, in a store or in the API is called so
 * (test/unit/own-names.test.ts). The build gives each a short name, the same in all files of both formats, and one
 * that nothing else in the sources is called.
 * @param first the file whose names, and those of what it imports, are to be the shortest
 */
export function shortNames(folder: string, first: string) {
  const sources = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file, code(readFileSync(`${folder}/${file}`, 'utf8'))]),
  )
  const words = new Set([...sources.values()].join('\n').match(/[\w$]+/g))
  const short = [...LETTERS, ...LETTERS.flatMap((first) => LETTERS.map((second) => first + second))].filter((name) => !words.has(name))
  const weight = new Map<string, number>()
  const reached = reach(sources, first)
  for (const [file, text] of sources)
    for (const [name] of text.matchAll(/\b_[a-z]\w+/g)) weight.set(name, (weight.get(name) ?? 0) + (reached.has(file) ? 1_000 : 1))
  const names = [...weight.keys()].sort((a, b) => weight.get(b)! - weight.get(a)! || (a < b ? -1 : 1))
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

/** Without comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?<=^|\s)\/\/ .*$/gm, '')
}

/** The files that are imported from `file` on, beside types. */
function reach(sources: ReadonlyMap<string, string>, file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached
  reached.add(file)
  for (const [, name] of sources.get(file)!.matchAll(/^(?:import|export) (?!type)[^;]*? from '\.\/(\w[\w-]*)\.js'$/gm))
    reach(sources, `${name}.ts`, reached)
  return reached
}
