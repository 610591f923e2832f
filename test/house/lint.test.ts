import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** What oxlint, under this repository's rules, says of these files: file and rule, sorted. */
function lint(files: Record<string, string>): string[] {
  const place = mkdtempSync(join(tmpdir(), 'catenary-lint-'))
  onTestFinished(() => rmSync(place, { recursive: true }))
  copyFileSync(join(root, '.oxlintrc.json'), join(place, '.oxlintrc.json'))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, file)), { recursive: true })
    writeFileSync(join(place, file), `${text}\n`)
  }
  const command = join(root, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = spawnSync(process.execPath, [command, '-f', 'json'], { cwd: place, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] }
  return diagnostics.map(({ filename, code }) => `${filename}: ${code}`).toSorted()
}

test('time, timers and chance are refused outside of the clock', () => {
  const text = [
    `import { randomUUID } from 'node:crypto'`,
    `import { setTimeout as wait } from 'node:timers/promises'`,
    `export const chance = () => [Math.random(), randomUUID(), crypto.randomUUID()]`,
    `export const time = () => [Date.now(), performance.now(), new Date(0)]`,
    `export const timer = () => [setTimeout(time, 1), setImmediate(time), AbortSignal.timeout(1), wait(1)]`,
  ].join('\n')
  expect(lint({ 'src/engine/a.ts': text, 'machines/b.ts': text, 'src/kernel/clock.ts': text })).toEqual([
    ...Array<string>(3).fill('machines/b.ts: eslint(no-restricted-globals)'),
    ...Array<string>(2).fill('machines/b.ts: eslint(no-restricted-imports)'),
    ...Array<string>(4).fill('machines/b.ts: eslint(no-restricted-properties)'),
    ...Array<string>(3).fill('src/engine/a.ts: eslint(no-restricted-globals)'),
    ...Array<string>(2).fill('src/engine/a.ts: eslint(no-restricted-imports)'),
    ...Array<string>(4).fill('src/engine/a.ts: eslint(no-restricted-properties)'),
  ])
})

test('files that need each other to load are refused; types may refer to each other', () => {
  const found = lint({
    'src/chain/a.ts': `import { b } from './b.ts'\nexport const a = (): number => b()`,
    'src/chain/b.ts': `import { a } from './a.ts'\nexport const b = (): number => a()`,
    'src/chain/c.ts': `import type { D } from './d.ts'\nexport type C = D[]`,
    'src/chain/d.ts': `import type { C } from './c.ts'\nexport type D = C | number`,
  })
  expect(found).toEqual(['src/chain/a.ts: import(no-cycle)', 'src/chain/b.ts: import(no-cycle)'])
})

test('a promise that nobody awaits, and any, are refused', () => {
  const text = `async function f(): Promise<any> {}\nexport const g = () => {\n  f()\n}`
  const rules = ['typescript(no-explicit-any)', 'typescript(no-floating-promises)']
  expect(lint({ 'src/engine/a.ts': text })).toEqual(rules.map((rule) => `src/engine/a.ts: ${rule}`))
})
