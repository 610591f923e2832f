// The list of planted bugs does not rot, and one of them is planted and found.

import { expect, test } from 'vitest'
import { resolve } from 'node:path'
import { type Bug, plant, problemOf } from './bug.ts'
import { bugs } from './bugs.ts'
import { copySources } from './copy.ts'
import { prove } from './proofs.ts'

const root = resolve(import.meta.dirname, '../..')

test('each planted bug still has its place, exactly once, and a name of its own', () => {
  expect(bugs.flatMap((bug) => problemOf(bug, root) ?? [])).toEqual([])
  expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
  expect(bugs.length).toBeGreaterThanOrEqual(16)
})

test('a bug whose text is gone, or is there twice, is told with its file', () => {
  const bug: Bug = {
    name: 'lost',
    is: 'nothing',
    file: 'src/journal/committer.ts',
    before: 'no such text',
    after: '',
    proofs: ['simulate'],
  }
  expect(problemOf(bug, root)).toMatch(/^lost: its text occurs 0 times in src\/journal\/committer\.ts/)
  expect(problemOf({ ...bug, before: 'const ' }, root)).toMatch(/occurs \d\d times/)
  expect(problemOf({ ...bug, file: 'src/gone.ts' }, root)).toMatch(/there is no file src\/gone\.ts/)
  expect(() => plant(bug, root)).toThrow('occurs 0 times')
})

test(
  'a slot too many is found by the simulation, and nothing is once it is taken out',
  { timeout: 120_000 },
  async () => {
    using copy = copySources(root)
    const bug = bugs.find(({ name }) => name === 'exceed-the-pool') as Bug
    const takeOut = plant(bug, copy.root)
    const planted = await prove('simulate', copy.root, 40)
    expect(planted).toMatchObject({
      found: true,
      said: expect.stringMatching(/is number \d+ of \d+/),
    })
    takeOut()
    expect(await prove('simulate', copy.root, planted.after)).toMatchObject({ found: false })
  },
)
