import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { complaints } from '../../.ci/floors.ts'

/** A repository of these files, each opening with its sentence; what the house says of it. */
function judge(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'catenary-floors-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const manifest = JSON.stringify({ peerDependencies: { xstate: '*' }, devDependencies: { vitest: '*' } })
  writeFileSync(join(root, 'package.json'), manifest)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), `// What it is for.\n${text}\n`)
  }
  return complaints(root)
}

test('imports that go down, along the floor and to listed packages are in order', () => {
  const files = {
    'machines/step.ts': `import { setup } from 'xstate'\nimport { rule } from './rule.ts'`,
    'src/chain/build.ts': `import { now } from '../kernel/clock.ts'\nimport { step } from '../../machines/step.ts'`,
    'src/engine/run.ts': `import type { Chain } from '../chain/build.ts'\nimport { join } from 'node:path'`,
    'src/sqlite/store.ts': `import { DatabaseSync } from 'node:sqlite'`,
    'src/testing/clock.ts': `import { run } from '../engine/run.ts'`,
    'src/index.ts': `export { run } from './engine/run.ts'`,
    'src/testing.ts': `export { clock } from './testing/clock.ts'`,
    'inspector/view.ts': `import type { Frame } from '../src/inspector/protocol.ts'`,
    'examples/shop/main.ts': `import { chain } from 'catenary'\nimport { price } from './price.ts'`,
  }
  expect(judge(files)).toEqual([])
})

const planted: [file: string, text: string, complaint: string][] = [
  ['src/chain/a.ts', `import { b } from '../engine/b.ts'`, 'engine is a floor above chain'],
  ['src/chain/a.ts', `import {\n  b,\n} from '../engine/b.ts'`, 'engine is a floor above chain'],
  ['src/chain/a.ts', `export { b } from '../observe/b.ts'`, 'observe is a floor above chain'],
  ['src/chain/a.ts', `export const b = await import('../engine/b.ts')`, 'engine is a floor above chain'],
  ['src/chain/a.ts', `export type B = import('../engine/b.ts').B`, 'engine is a floor above chain'],
  ['src/engine/a.ts', `import { store } from '../sqlite/store.ts'`, 'sqlite is a floor above engine'],
  ['src/engine/a.ts', `import { run } from '../index.ts'`, 'nothing imports an entry file'],
  ['src/engine/a.ts', `import { run } from 'catenary'`, 'nothing imports an entry file'],
  ['src/sqlite/a.ts', `import { clock } from '../testing/clock.ts'`, 'never imports src/testing'],
  ['src/index.ts', `export { clock } from './testing/clock.ts'`, 'never imports src/testing'],
  ['src/journal/a.ts', `import { DatabaseSync } from 'node:sqlite'`, 'a core folder knows no database'],
  [
    'src/engine/a.ts',
    `import * as restate from '@restatedev/restate-sdk'`,
    'a core folder knows no database',
  ],
  ['src/analysis/a.ts', `import { setup } from 'xstate'`, "XState's shapes stay behind their seam"],
  ['src/testing/a.ts', `import { test } from 'vitest'`, 'package.json lists under dependencies'],
  ['src/engine/a.ts', `import { judge } from '../../test/judge.ts'`, 'what is published imports only'],
  ['machines/a.ts', `import { now } from '../src/kernel/clock.ts'`, 'machines are pure'],
  ['machines/a.ts', `import { readFileSync } from 'node:fs'`, 'machines are pure'],
  ['inspector/a.ts', `import { fold } from '../src/journal/fold.ts'`, 'only the wire protocol'],
  ['examples/shop/a.ts', `import { chain } from '../../src/index.ts'`, 'only what the package exports'],
  ['src/stuff/a.ts', ``, 'src/stuff has no floor'],
  ['src/chain/a.ts', `export * from './b.ts'`, 'never export *'],
  ['src/chain/utils.ts', ``, 'name a file for its one noun or verb'],
  ['src/chain/a.ts', `export const now = () => new Date()`, 'only src/kernel/clock touches time'],
]

test.for(planted)('in %s, %s is refused', ([file, text, complaint]) => {
  const found = judge({ [file]: text })
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(file)
  expect(found[0]).toContain(complaint)
})

test('folders of one floor that import each other in a circle are refused, with the imports that close it', () => {
  const found = judge({
    'src/chain/a.ts': `import type { B } from '../journal/b.ts'`,
    'src/journal/b.ts': `import type { C } from '../execution/c.ts'`,
    'src/execution/c.ts': `import type { A } from '../chain/a.ts'`,
  })
  expect(found).toHaveLength(1)
  expect(found[0]).toContain('folders never import in a circle')
  expect(found[0]).toContain('src/execution/c.ts:2 imports ../chain/a.ts')
})

test('what a comment says is not an import', () => {
  const files = {
    'src/chain/a.ts': `/**\n * import { b } from '../engine/b.ts'\n * new Date()\n */\n// import('../engine/b.ts')`,
  }
  expect(judge(files)).toEqual([])
})
