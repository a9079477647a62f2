import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

// The build of @tieline/client shortens the names of members that begin with `_` (packages/client/shortnames.ts).

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const packages = `${root}/clients/js/packages`

const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => ending.test(file))
    .map((file) => ({ file, text: readFileSync(`${folder}/${file}`, 'utf8') }))

describe('names that begin with an underscore', () => {
  test('are nowhere in the wire: no frame, schema or answer has one', () => {
    const files = filesIn(`${root}/protocol`, /\.jsonl?$/)
    expect(files.length).toBeGreaterThan(3)
    expect(files.filter(({ text }) => /"_\w*"\s*:/.test(text)).map(({ file }) => file)).toEqual([])
  })

  test('are no part of the API: the published types have none', () => {
    const files = ['client', 'react'].flatMap((name) => filesIn(`${packages}/${name}/dist`, /\.d\.c?ts$/))
    expect(files.length).toBeGreaterThan(5)
    for (const { file, text } of files) expect(text.match(/^\s*(?:readonly |get |set |protected )*_\w+[?(:].*/gm) ?? [], file).toEqual([])
  })

  test('are all short in the built files, and are never written as a string', () => {
    const built = filesIn(`${packages}/client/dist`, /\.c?js$/)
    expect(built.length).toBeGreaterThan(5)
    for (const { file, text } of built) expect(text.match(/\._[a-z]\w+/g) ?? [], file).toEqual([])
    for (const { file, text } of filesIn(`${packages}/client/src`, /\.ts$/)) {
      const strings = text.split('\n').filter((line) => /'_[a-z]\w+'/.test(line) && !/\b(Pick|Omit)</.test(line))
      expect(strings, file).toEqual([])
    }
  })
})
