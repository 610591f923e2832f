import { expect, test } from 'vitest'
import { blocksOf, moduleOf } from '../../.ci/examples.ts'
import { runModules } from './run-modules.ts'

test('the example of the README is whole, and prints what the README says', () => {
  const [example] = blocksOf('README.md')
  expect(example?.code).toMatch(/^import .* from 'catenary'\n/)
  expect(moduleOf({ code: example?.code ?? '' })).toBe(`${example?.code}\nexport {}\n`)
  expect(runModules({ 'readme.ts': example?.code ?? '' })).toEqual([
    { name: 'readme.ts', output: 'published 2 people: Ada, Grace\n', error: null },
  ])
})
