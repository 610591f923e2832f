// Tests of a chain and of a store in each of the three test runners, from the packed package, as the pages on them have it.

import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blocksOf } from '../../.ci/examples.ts'
import { describeStoreConformance } from '../../src/testing.ts'
import { type Project, fetched, installProject, run, tryToRun } from './project.ts'

const modules = join(import.meta.dirname, '../../node_modules')
const page = readFileSync(join(import.meta.dirname, '../../docs/testing.md'), 'utf8')
const begin = page.slice(page.indexOf('\n## Five minutes'), page.indexOf('\n## What a harness does'))
const blocks = (language: string): readonly string[] =>
  [...begin.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code)
const [chainFile = '', testFile = '', whole = ''] = blocks('typescript')

const stores = readFileSync(join(import.meta.dirname, '../../docs/stores.md'), 'utf8')
const store = blocksOf('docs/stores.md').find(({ code }) => code.includes('createLinesStore('))?.code ?? ''
/** As the page has it, but for where `describe` and `test` come from. */
const proving = (/^```typescript\n(.*?)^```$/ms.exec(stores)?.[1] ?? '')
  .replace(/^import \{ describe, test \}.*\n/m, '')
  .replace('lines-store.ts', 'lines-store.mjs')
/** How many promises a store is asked for. */
let promises = 0
const never = (): never => {
  throw new Error('no store is made')
}
describeStoreConformance({
  name: 'counted',
  create: never,
  reopen: never,
  describe: (_, body) => body(),
  test: () => promises++,
})

const packageImports = `
import { NonRetryable, chain } from 'catenary'
import { assertIn, assertRun, assertWaitedFor, coverage, harness, matchers } from 'catenary/testing'
import { extract } from './extract.ts'
`
const leaving = `
import { writeCoverage } from 'catenary/testing'
afterAll(() => void writeCoverage())
`
const reset = `
  const t = await harness(extract)
  await (await t.attempt('fetch')).fail('reset')`

const byMatchers = `
expect.extend(matchers)
test('matchers hold, and say what is so where they do not', async () => {${reset}
  expect(t).toBeIn('fetch.backing-off')
  expect(t).not.toBeIn('failed')
  expect(t.timeline().split('\\n')[1]).toMatchInlineSnapshot('"0 ms  fetch fails: reset"')
  await t.advance('50ms')
  expect(t).toHaveRun('fetch', { attempts: 2, outcome: 'running' })
  expect(t).toHaveWaitedFor('fetch', { atLeast: 1, atMost: '50ms' })
  const again = await harness.fromTrace(await t.run.trace(), extract)
  expect(again.timeline()).toBe(t.timeline())
  expect(() => expect(t).toBeIn('failed')).toThrow('expected in failed, but the machine of extract is in fetch')
})
`
const byAssertions = `
test('assertions hold, and say what is so where they do not', async () => {${reset}
  assertIn(t, 'fetch.backing-off')
  await t.advance('50ms')
  assertRun(t, 'fetch', { attempts: 2, outcome: 'running' })
  assertWaitedFor(t, 'fetch', { atLeast: 1, atMost: '50ms' })
  assert.throws(() => assertIn(t, 'failed'), { name: 'AssertionError', code: 'ERR_ASSERTION' })
})
`
const exploring = `
import { assertHolds, explore } from 'catenary/testing'
import { attemptsOf, faultsOf } from 'catenary/testing/fast-check'
import * as fc from 'fast-check'
test('exploration and properties hold', async () => {
  const found = await explore(extract, { 'at most one is called': ({ calls }) => calls.length <= 1 }, { drawn: 0 })
  if (found.counterexample?.script[0].does !== 'crash-after-effect') throw new Error(String(found))
  await fc.assert(
    fc.asyncProperty(faultsOf(extract), attemptsOf(fc.constant(['Ada'])), async (script, fetch) => {
      assertHolds(await explore(extract, {}, { script, steps: { fetch } }))
    }),
    { numRuns: 3 },
  )
})
`
const failing = `
test('fails', async () => {
  const t = await harness(extract)
  assertIn(t, 'failed')
})
`
/** Two of the page, two of their own, and the promises of a store. */
const passing = 4 + promises

let project: Project
beforeAll(() => {
  project = installProject()
  symlinkSync(join(modules, 'fast-check'), join(project.folder, 'node_modules/fast-check'), 'junction')
}, 180_000)
afterAll(() => rmSync(project.folder, { recursive: true }))

/** What a reader of the page has in a folder, and beside it what else is to be seen; one test of all fails. */
function follow(runner: string, { own, files = {} }: Own): string {
  const folder = join(project.folder, runner)
  mkdirSync(folder)
  const [, first = ''] = new RegExp(`^\\| ${runner}.*?\`(import .*?)\``, 'm').exec(begin) ?? []
  const start = first === '' ? testFile : testFile.replace(/^.*/, first)
  const all = {
    'package.json': '{ "type": "module" }',
    'lines-store.mjs': stripTypeScriptTypes(store),
    'extract.ts': chainFile,
    'extract.test.ts': start.replace(/^afterAll/m, `${whole}\nafterAll`),
    'own.test.mjs': own,
    ...files,
  }
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text)
  return folder
}
interface Own {
  readonly own: string
  readonly files?: Readonly<Record<string, string>>
}

/** As the command says that the page tells a reader to run. */
function coverageIn(folder: string): string {
  const command = join(project.folder, 'node_modules/catenary/dist/src/cli.js')
  return run(process.execPath, ['--no-warnings', command, 'coverage', '--min', '100'], folder)
}
const covered = 'extract: 100 %, 9 of 9 transitions, 5 of 5 for recovery\n'

/** Of vitest and Jest. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
}

test('in vitest', { timeout: 60_000 }, () => {
  const imports = `import { describe, expect, test } from 'vitest'${packageImports}`
  const folder = follow('vitest', { own: [imports, byMatchers, exploring, proving, failing].join('') })
  symlinkSync(join(modules, 'vitest'), join(project.folder, 'node_modules/vitest'), 'junction')
  const words = ['run', '--reporter=json', '--outputFile=vitest.json', '--root', folder]
  expect(tryToRun(process.execPath, [join(modules, 'vitest/vitest.mjs'), ...words], folder).status).toBe(1)
  const report = readFileSync(join(folder, 'vitest.json'), 'utf8')
  expect(JSON.parse(report) as Report).toMatchObject({ numPassedTests: passing, numFailedTests: 1 })
  expect(report).toContain('expected in failed')
  expect(coverageIn(folder)).toBe(covered)
})

// 55 MB that nothing else needs: fetched here, as the oldest Node is
test('in Jest, as ES modules', { timeout: 120_000 }, ({ skip }) => {
  let jest = ''
  try {
    jest = fetched('jest', '30.5.2')
  } catch (error) {
    skip(`Jest could not be installed: ${String(error)}`)
  }
  const files = Object.fromEntries(blocks('js').map((code) => [/^\/\/ (\S+)\n/.exec(code)?.[1] ?? '', code]))
  expect(Object.keys(files)).toEqual(['jest.config.js', 'strip-types.js'])
  const own = [packageImports, leaving, byMatchers, exploring, proving, failing].join('')
  const folder = follow('Jest', { own, files })
  // tests in plain modules besides those of the page; all in one process, in which each file has modules of its own
  const words = ['--json', '--runInBand', '--haste', '{}', '--testMatch', '**/*.test.{ts,mjs}']
  const { status, stdout } = tryToRun(
    process.execPath,
    ['--no-warnings', '--experimental-vm-modules', join(jest, 'bin/jest.js'), ...words],
    folder,
  )
  expect(status).toBe(1)
  expect(JSON.parse(stdout) as Report).toMatchObject({ numPassedTests: passing, numFailedTests: 1 })
  expect(stdout).toContain('expected in failed')
  expect(readdirSync(join(folder, '.catenary/coverage'))).toHaveLength(2)
  expect(coverageIn(folder)).toBe(covered)
})

test('in node:test', { timeout: 60_000 }, () => {
  const imports = `import assert from 'node:assert'\nimport { describe, test } from 'node:test'${packageImports}`
  const own = [imports, byAssertions, exploring, proving, failing].join('')
  const folder = follow("Node's own", { own })
  const { status, stdout } = tryToRun(process.execPath, ['--test', '--test-reporter=tap'], folder)
  expect(status).toBe(1)
  expect(stdout).toContain(`# pass ${passing}\n# fail 1\n`)
  expect(stdout).toContain('expected in failed')
  expect(coverageIn(folder)).toBe(covered)
})
