// Tests of a chain and of a store in each of the three test runners, from the packed package, as the pages on them have it.

import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blocksOf } from '../../.ci/examples.ts'
import { describeStoreConformance } from '../../src/testing.ts'
import { type Project, installProject, npm, run } from './project.ts'

const modules = join(import.meta.dirname, '../../node_modules')
const block = blocksOf('docs/testing.md').find(({ code }) => code.includes("\ntest('extract "))?.code ?? ''

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
const failing = `
test('fails', async () => {
  const t = await harness(extract)
  assertIn(t, 'failed')
})
`

let project: Project
beforeAll(() => {
  project = installProject()
  mkdirSync(join(project.folder, 'tests'))
  write('lines-store.mjs', stripTypeScriptTypes(store))
}, 180_000)
afterAll(() => rmSync(project.folder, { recursive: true }))

function write(name: string, ...parts: readonly string[]): string {
  const file = join(project.folder, 'tests', name)
  writeFileSync(file, parts.join(''))
  return file
}

const inVitest = (file: string): string => {
  const output = join(project.folder, 'vitest.json')
  const words = ['run', '--reporter=json', `--outputFile=${output}`, '--root', project.folder, file]
  run(process.execPath, [join(modules, 'vitest/vitest.mjs'), ...words], project.folder)
  return readFileSync(output, 'utf8')
}
const inJest = (file: string): string => {
  const config = { rootDir: join(project.folder, 'tests'), testMatch: [file], transform: {}, haste: {} }
  const words = [
    join(project.folder, 'node_modules/jest/bin/jest.js'),
    '--json',
    '--config',
    JSON.stringify(config),
  ]
  return run(process.execPath, ['--no-warnings', '--experimental-vm-modules', ...words], project.folder)
}
const inNode = (file: string): string =>
  run(process.execPath, ['--test', '--test-reporter=tap', file], project.folder)

const passed = (json: string): unknown => (JSON.parse(json) as { numPassedTests: number }).numPassedTests

test('in vitest', { timeout: 60_000 }, () => {
  // npm removes links that it does not know, so it is made here
  symlinkSync(join(modules, 'vitest'), join(project.folder, 'node_modules/vitest'), 'junction')
  const own = `import { describe, expect, test } from 'vitest'${packageImports}`
  expect(passed(inVitest(write('vitest.test.mjs', own, block, byMatchers, proving)))).toBe(2 + promises)
  expect(() => inVitest(write('vitest-fails.test.mjs', own, block, failing))).toThrow()
  expect(readFileSync(join(project.folder, 'vitest.json'), 'utf8')).toContain('expected in failed')
  rmSync(join(project.folder, 'node_modules/vitest'))
})

// 55 MB that nothing else needs: fetched here, as the oldest Node is
test('in Jest, as ES modules', { timeout: 120_000 }, ({ skip }) => {
  try {
    npm(['install', '--no-save', '--prefer-offline', 'jest@30.5.2'], project.folder)
  } catch (error) {
    skip(`Jest could not be installed: ${String(error)}`)
  }
  expect(passed(inJest(write('jest.test.mjs', packageImports, block, byMatchers, proving)))).toBe(
    2 + promises,
  )
  expect(() => inJest(write('jest-fails.test.mjs', packageImports, block, failing))).toThrow(
    'expected in failed',
  )
})

test('in node:test', { timeout: 60_000 }, () => {
  const own = `import assert from 'node:assert'\nimport { describe, test } from 'node:test'${packageImports}`
  const inAssertions = block.replace(/expect\((.*)\)\.toEqual\((.*)\)/, 'assert.deepEqual($1, $2)')
  expect(inAssertions).not.toContain('expect(')
  const all = write('node.test.mjs', own, inAssertions, byAssertions, proving)
  expect(inNode(all)).toContain(`# pass ${2 + promises}\n`)
  expect(() => inNode(write('node-fails.test.mjs', own, inAssertions, failing))).toThrow('expected in failed')
})
