// Every function and class that users get has an example, and every option a docstring.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const sources = globSync(['src/**/*.ts', 'machines/**/*.ts'], { cwd: root }).toSorted()
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** What entry files export, by name. */
const exported = new Set(
  globSync('src/*.ts', { cwd: root }).flatMap((file) => [
    ...[...read(file).matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
      list.split(',').map((one) => one.trim().replace(/^type /, '')),
    ),
    ...[...read(file).matchAll(/^export (?:async )?(?:function|interface) (\w+)/gm)].map(
      ([, name = '']) => name,
    ),
  ]),
)

test('every exported function and class has an example', () => {
  const found = sources.flatMap((file) =>
    [...read(file).matchAll(/(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?^export (?:async )?(?:function|class) (\w+)/gm)]
      .filter(([, , name = '']) => exported.has(name))
      .map(([, doc = '', name = '']) => ({ name, has: doc.includes('@example') })),
  )
  expect(found.length).toBeGreaterThan(20)
  // of an overloaded function the first has it; `Chain` is made by `chain`, `MachineChain` by `fromMachine`
  const lacking = found.filter(({ name, has }) => !has && !found.some((one) => one.name === name && one.has))
  expect(lacking.map(({ name }) => name).filter((name) => !['Chain', 'MachineChain'].includes(name))).toEqual(
    [],
  )
})

/** Those that exported options are made of. */
const parts = [
  'MemberOptions',
  'RootOptions',
  'AttemptOptions',
  'GuardOptions',
  'Probe',
  'Backoff',
  'Supervisor',
  'Run',
]

test('every option, and every member of a supervisor and a run, has a docstring', () => {
  // the memory store has a `Run` of its own
  const files = sources.filter((file) => !file.startsWith(join('src', 'journal', 'memory')))
  const members = files.flatMap((file) => {
    const lines = read(file).split('\n')
    let owner = ''
    return lines.flatMap((line, at) => {
      owner = /^(?:export )?interface (\w+)/.exec(line)?.[1] ?? (line.startsWith('}') ? '' : owner)
      const name = /^ {2}(?:readonly )?(\w+\$?)\??(?:<.*>)?[:(]/.exec(line)?.[1]
      const isOption = (exported.has(owner) && owner.endsWith('Options')) || parts.includes(owner)
      if (name === undefined || !isOption) return []
      return [{ name: `${file} ${owner}.${name}`, has: lines[at - 1]?.trim().endsWith('*/') === true }]
    })
  })
  expect(members.length).toBeGreaterThan(100)
  expect(members.filter(({ has }) => !has).map(({ name }) => name)).toEqual([])
})
