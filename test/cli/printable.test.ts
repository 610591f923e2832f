// What authors and callers wrote never steers the terminal of whoever looks at it.

import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { printable, printableLines } from '../../src/cli/printable.ts'
import { createScreen } from '../../src/cli/screen.ts'
import { renderTable } from '../../src/cli/table.ts'
import { fixture, place } from './spawn.ts'

const steers = /[^\P{Cc}\t\n]|[\u202A-\u202E\u2066-\u2069]/u
const colour = new RegExp(String.raw`\u001b\[[\d;]*m`, 'g')
const nasty = fc.string({
  unit: fc.constantFrom('\u001b', '[', '2', 'J', 'm', '\n', '\r', '\u009b', '\u202e', 'é', ';'),
})

test('no control character is left of what somebody else wrote, whatever it is', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(printable(text)).not.toMatch(steers)
      expect(printable(text)).not.toContain('\n')
      expect(printableLines(text, false)).not.toMatch(steers)
      expect(printableLines(text, true).replaceAll(colour, '')).not.toMatch(steers)
      expect(JSON.parse(`"${printable(text)}"`)).toBe(text)
    }),
  )
})

test('a cell with line ends stays one line of its table, and a line of the screen one line', () => {
  expect(renderTable([{ title: 'A' }], [['x\ny\u001b[2J']], 80).split('\n')).toEqual([
    'A',
    String.raw`x\u000ay\u001b[2J`,
    '',
  ])
  const written: string[] = []
  createScreen((text) => void written.push(text)).draw(['a\nb\u001b[9A', 'c'])
  expect(written[0]?.split('\n')).toHaveLength(3)
  expect(written[0]).not.toContain('\u001b[9A')
})

test('a failure, a reason and an id that would clear the screen are shown as they are written', async () => {
  const { run, folder } = place({ FORCE_COLOR: '1' })
  const evil = '\u001b[2J\u001b[31mEVIL\r\u009b2J'
  writeFileSync(
    join(folder, 'evil.ts'),
    `import { chain } from ${JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))}
    export const evil = chain('evil').step('a', () => { throw new Error(${JSON.stringify(evil)}) })`,
  )
  const id = `id${evil}`
  const all = [
    await run('run', 'evil.ts', '--id', id),
    await run('status', id),
    await run('list'),
    await run('tail', id, '--no-follow'),
    await run('status', `no${evil}`),
  ]
  for (const { out, err } of all) {
    expect(out + err).toContain('EVIL')
    expect((out + err).replaceAll(colour, '').replaceAll('\n', '')).not.toMatch(steers)
  }
})

test.for([
  ['graph', 'waits-for-ever.ts', 'awaits something that never comes'],
  ['check', 'chain-shaped.ts', 'of which none is a chain'],
] as const)('%s of %s says what is wrong with it', async ([command, file, said]) => {
  const { code, value } = await place().json(command, fixture(file))
  expect({ code, value }).toMatchObject({
    code: 2,
    value: { error: { code: 'BAD_MODULE', message: expect.stringContaining(said) as unknown } },
  })
})
