// The store that the page on stores shows keeps every promise, and each typical mistake in it is told by what it breaks.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { blocksOf, moduleOf } from '../../.ci/examples.ts'
import { type Ran, runModules } from './run-modules.ts'

const store = blocksOf('docs/stores.md').find(({ code }) => code.includes('createLinesStore('))?.code ?? ''
const page = readFileSync(join(import.meta.dirname, '../../docs/stores.md'), 'utf8')

/** What each mistake changes, and a promise that it breaks. */
const mistakes = {
  'two executors at once': [
    "'wx'",
    "'a'",
    'a second executor is refused while one is open, and the first one goes on',
  ],
  'batches with a gap are taken': [
    "failure ??= 'a gap'",
    'failure ??= undefined',
    'a batch that does not go on where the last one ended is refused, and so is all after it',
  ],
  'half a batch stays': [
    "failure ??= 'a gap'",
    "{ write({ batch: { ...batch, rows: batch.rows.slice(0, 1) } }); failure = 'a gap' }",
    'a batch with a gap inside is refused whole',
  ],
  'it writes on after a failure': [
    "if (failure !== undefined) refuse('failed before', failure)",
    "if (failure !== undefined) { const cause = failure; failure = undefined; refuse('failed before', cause) }",
    'a batch that does not go on where the last one ended is refused, and so is all after it',
  ],
  'the epoch stays': [
    'write({ epoch: found.epoch + 1 })',
    'write({ epoch: 1 })',
    'the epoch rises with every opening',
  ],
  'the oldest first': [
    '].toReversed()',
    ']',
    'heads are listed newest first, whatever their ids are, and in pages that a later change does not move',
  ],
  'a limit is not heeded': [
    'found.slice(0, query.limit ?? 100)',
    'found',
    'a query by status, chain, signal or attribute finds exactly what matches it',
  ],
  'paused runs are woken': [
    "status === 'waiting' && wakeAt !== null",
    'status && wakeAt !== null',
    'due runs are those waiting for time, soonest first',
  ],
  'ids are used again': [
    'const id = read().lastPost + 1',
    'const id = read().inbox.size + 1',
    'the id of a command is never used again, also after the inbox was emptied and the store reopened',
  ],
  'kept commands are gone': [
    'if (kept !== true) to.inbox.delete(id)',
    'to.inbox.delete(id)',
    'a command that is kept stays in the inbox with what is said of it, until it is carried out',
  ],
  'notes are kept in memory': [
    'write({ note: [name, value] })',
    'void read().notes.set(name, value)',
    'all that was written is there for the next executor',
  ],
  'it answers while it is closed': [
    "contents ?? refuse('is not open')",
    'contents ?? emptyContents()',
    'a store that is not open refuses, and closing it twice does nothing',
  ],
  'what is written again keeps its place': [
    "to.keepsakes.delete('gone' in change ? change.gone : change.key)",
    "if ('gone' in change) to.keepsakes.delete(change.gone)",
    'keepsakes of a kind are listed without their payloads, the one written last at the end',
  ],
} as const

/** Runs the whole suite, and prints how many tests there are and what those say that fail. */
const suite = (name: string): string => `
const { mkdtempSync } = await import('node:fs')
const folder = mkdtempSync((await import('node:os')).tmpdir() + '/lines-')
const paths = new Map<Store, string>()
const at = (path: string): Store => {
  const made = createLinesStore(path)
  paths.set(made, path)
  return made
}
const tests: (readonly [string, () => Promise<void>])[] = []
describeStoreConformance({
  name: ${JSON.stringify(name)},
  create: () => at(folder + '/' + paths.size),
  reopen: (from) => at(paths.get(from) ?? ''),
  describe: (_, body) => body(),
  test: (sentence, body) => void tests.push([sentence, body]),
})
const broken: (readonly [string, string])[] = []
for (const [sentence, body] of tests)
  await body().catch((error: Error) => broken.push([sentence, error.message]))
console.log(JSON.stringify({ tests: tests.length, broken }))
rmSync(folder, { recursive: true })
`
const withMistake = (name: keyof typeof mistakes): string => {
  const [before, after] = mistakes[name]
  expect(store.split(before).length - 1, before).toBe(1)
  return store.replace(before, () => after)
}

let ran: readonly Ran[] = []
beforeAll(() => {
  const names = Object.keys(mistakes) as (keyof typeof mistakes)[]
  const codes = [store, ...names.map(withMistake)]
  ran = runModules(
    Object.fromEntries(
      codes.map((code, at) => [`${at}.ts`, moduleOf({ code: code + suite(names[at - 1] ?? 'the page') })]),
    ),
  )
}, 120_000)

const said = (
  at: number,
): { readonly tests: number; readonly broken: readonly (readonly [string, string])[] } => {
  const { output = '', error = 'it did not run' } = ran.find(({ name }) => name === `${at}.ts`) ?? {}
  expect(error).toBeNull()
  return JSON.parse(output)
}

test('the store of the page keeps every promise', () => {
  const { tests, broken } = said(0)
  expect(broken).toEqual([])
  expect(tests).toBeGreaterThan(40)
})

test.each(Object.entries(mistakes).map(([name, [, , promise]], at) => [name, promise, at + 1] as const))(
  'where %s, the suite says: "%s"',
  (name, promise, at) => {
    const { broken, tests } = said(at)
    const found = broken.find(([sentence]) => sentence === promise)
    expect(found?.[1], JSON.stringify(broken)).toMatch(`${name} breaks its promise "${promise}":\n`)
    // a mistake is told by what it breaks, not by everything
    expect(broken.length).toBeLessThan(tests / 2)
  },
)

test('the page shows a message as it is', () => {
  const shown = /breaks its promise "(.*)":/.exec(page)?.[1]
  const [, message = ''] = said(3).broken.find(([sentence]) => sentence === shown) ?? []
  const plain = (text: string): string => text.replaceAll(/\s+/g, ' ')
  expect(page).toContain('the store of lines breaks its promise')
  expect(plain(page)).toContain(plain(message).replace('half a batch stays', 'the store of lines'))
})
