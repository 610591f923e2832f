import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const page = read('docs/errors.md')

/** The members of a union of strings in a source. */
function members(file: string, union: string): readonly string[] {
  const body = new RegExp(String.raw`type ${union} =\n((?:  \| .*\n)+)`).exec(read(file))?.[1] ?? ''
  return [...body.matchAll(/'(\w+)'/g)].map(([, name = '']) => name).toSorted()
}

test('docs/errors.md has every error code, and no other', () => {
  const codes = members('src/kernel/errors.ts', 'ErrorCode')
  expect(codes.length).toBeGreaterThan(15)
  expect([...page.matchAll(/^### (\w+)$/gm)].map(([, code = '']) => code).toSorted()).toEqual(codes)
})

test('each code has its cause and its cure', () => {
  for (const section of page.split(/^### /m).slice(1)) {
    expect(section).toContain('**Cause.** ')
    expect(section).toContain('**Cure.** ')
  }
})

test('docs/errors.md has every kind of failure, and no other', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind = '']) => kind)
  expect(rows.toSorted()).toEqual(members('src/kernel/failure.ts', 'FailureKind'))
})
