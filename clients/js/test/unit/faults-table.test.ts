import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const tests = resolve(import.meta.dirname, '..')
const table = readFileSync(join(tests, '../../../docs/faults.md'), 'utf8')
const rows = [...table.matchAll(/^\| F(\d+) \| [^|]+ \| (.*) \| ([^|]*) \|$/gm)]
const named = rows.flatMap(([, fault, cell]) =>
  [...cell!.matchAll(/(.+?) \(`([^`]+)`\)(?:<br>|$)/g)].map(([, title, file]) => ({ fault: `F${fault}`, title: title!, file: file! })),
)

describe('docs/faults.md', () => {
  test('has each of F1 to F40 once, with a test', () => {
    expect(rows.map(([, fault]) => Number(fault))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    expect(new Set(named.map(({ fault }) => fault)).size).toBe(40)
  })

  test('names tests that are there', () => {
    const missing = named.filter(({ fault, title, file }) => {
      const text = readFileSync(join(tests, file), 'utf8')
      return !text.split('\n').some((line) => line.includes(title) && new RegExp(`\\b${fault}\\b`).test(line))
    })
    expect(missing).toEqual([])
  })

  test('names every test of a fault', () => {
    const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.test\.tsx?$/.test(file) && !file.includes('node_modules'),
    )
    const titles = files.flatMap((file) =>
      [...readFileSync(join(tests, file), 'utf8').matchAll(/['"`](?:F\d+,? ?)+: ([^\n]*?)['"`], (?:async|\(|\{)/g)].map(([, title]) => title!),
    )
    expect(titles.filter((title) => !named.some((one) => one.title === title))).toEqual([])
    expect(titles.length).toBeGreaterThan(60)
  })
})
