import { beforeAll, describe, expect, test } from 'vitest'
import { blocksOf, moduleOf, nameOf, pages, publicExamples } from '../../.ci/examples.ts'
import { type Diagnostic, typecheck } from '../type/typecheck.ts'
import { type Ran, runModules } from './run-modules.ts'

const examples = [...pages().flatMap(blocksOf), ...publicExamples()]
const modules = Object.fromEntries(examples.map((one) => [nameOf(one), moduleOf(one)]))

let diagnostics: readonly Diagnostic[] = []
let ran: readonly Ran[] = []
beforeAll(() => {
  diagnostics = typecheck(modules).diagnostics.filter(({ file }) => file in modules)
  ran = runModules(modules)
}, 120_000)

test('there are examples in the pages that explain, and for every method of the builder', () => {
  for (const page of ['README.md', 'docs/concepts.md', 'docs/steps.md', 'docs/errors.md'])
    expect(blocksOf(page).length, page).toBeGreaterThan(0)
  expect(publicExamples().filter(({ file }) => file.endsWith('chain/chain.ts')).length).toBeGreaterThan(10)
})

describe.each(examples.map((one) => [`${one.file}:${one.line}`, nameOf(one)] as const))('%s', (_, name) => {
  test('compiles', () => {
    expect(diagnostics.filter(({ file }) => file === name)).toEqual([])
  })

  test('runs, and prints what its comments say', () => {
    const { output, error } = ran.find((one) => one.name === name) ?? { output: '', error: 'it did not run' }
    expect(error).toBeNull()
    const says = [...modules[name]!.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map(([, said = '']) => said)
    for (const said of says) expect(output.split('\n')).toContain(said)
  })
})
