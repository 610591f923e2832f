// What a person may get wrong: each ends with one sentence that says what to do, and a code that says what it was.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixture, place, shop } from './spawn.ts'

const { run } = { run: async (...line: readonly string[]) => place().run(...line) }

test.for([
  ['an unknown command', ['fly'], 'there is no command "fly": it is one of run, list,'],
  ['a missing word', ['why'], '<run> is missing: catenary why <run>'],
  ['a word too many', ['list', 'all'], '"all" is one word too many: catenary list'],
  ['an unknown option', ['list', '--colour'], "Unknown option '--colour'"],
  ['a payload that looks like an option', ['signal', 'r', 's', '-5'], 'that begins with - goes behind --'],
  ['a limit past all numbers', ['list', '--limit', '99999999999999999999'], 'give a whole number from 1'],
  ['two places to part', ['fork', 'r', '--at', '1', '--from', 'a'], 'one of them'],
  ['a seq past all numbers', ['fork', 'r', '--at', '99999999999999999999'], 'give a seq or a time'],
  ['an option without its value', ['list', '--limit'], 'lists what it takes'],
  ['a limit that is no number', ['list', '--limit', 'few'], '--limit is "few": give a whole number from 1'],
  ['a status that there is not', ['list', '--status', 'done'], 'no run can stand as "done"'],
  ['a missing module', ['run', 'nowhere.ts'], 'give the path of the module that has your chains'],
  ['a module without chains', ['run', fixture('no-chains.ts')], 'exports answer, of which none is a chain'],
  ['TypeScript that Node cannot strip', ['run', fixture('enum.ts')], 'write it without enum, namespace'],
  ['a chain that the module has not', ['run', shop, 'fly'], 'the module exports no chain "fly": it has'],
  ['several chains and none named', ['run', shop], 'say which chain is meant: the module has'],
  ['input that is no JSON', ['run', shop, 'stock', '--input', '{items'], 'the input is not JSON'],
  [
    'an input file that is not there',
    ['run', shop, 'stock', '--input', '@no.json'],
    'cannot be read from no.json',
  ],
  ['a graph in a format unheard of', ['graph', shop, '--format', 'png'], 'give one of mermaid, dot, json'],
  [
    'chains that fit no supervisor',
    ['run', fixture('circle.ts'), 'twice'],
    'two different chains have the id "twice"',
  ],
] as const)('%s', async ([, line, said]) => {
  const { code, out, err } = await run(...line)
  expect(err).toContain(said)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/^catenary: /)
  expect(err).not.toMatch(/\n\s+at /)
})

test('without a command the help goes to standard error, with code 2; asked for, to standard output', async () => {
  const without = await run()
  expect(without).toMatchObject({ code: 2, out: '' })
  expect(without.err).toContain('run <module> [chain]')
  const asked = await run('help')
  expect(asked).toMatchObject({ code: 0, err: '' })
  expect(asked.out).toBe(without.err)
  const about = await run('signal', '--help')
  expect(about.out).toContain('catenary signal <run> <name> [payload]')
  expect((await run('help', 'signal')).out).toBe(about.out)
})

test('a file that is no store is refused with code 3, and left alone', async () => {
  const { run: at, folder } = place()
  writeFileSync(join(folder, 'notes.txt'), 'not a database, but long enough to be looked at as one')
  for (const line of [['list'], ['run', shop, 'stock'], ['status']]) {
    const { code, err } = await at(...line, '--store', 'notes.txt')
    expect(code).toBe(3)
    expect(err).toContain('is not a SQLite database, so it was left alone: choose another file')
  }
})

test('with --json an error is a document too', async () => {
  const { json, run: at } = place()
  await at('run', shop, 'stock')
  expect(await json('status', 'nobody')).toMatchObject({ code: 2, value: { error: { code: 'RUN_UNKNOWN' } } })
  expect(await json('run', 'nowhere.ts')).toMatchObject({ code: 2, value: { error: { code: 'BAD_MODULE' } } })
})

test('every command says so where there is no store, and its help is JSON where that is asked for', async () => {
  const { json } = place()
  for (const line of [
    ['ask', 'r', 's'],
    ['signal', 'r', 's'],
    ['inbox'],
    ['inbox', 'drop', '1'],
    ['why', 'r'],
    ['tail', '--no-follow'],
  ])
    expect(await json(...line)).toMatchObject({ code: 3, value: { error: { code: 'STORE_UNAVAILABLE' } } })
  expect(await json('ask', '--help')).toMatchObject({
    code: 0,
    value: { help: expect.any(String) as unknown },
  })
})

test('where it broke is told only when asked for', async () => {
  const { run: at } = place({ CATENARY_DEBUG: '1' })
  expect((await at('run', fixture('enum.ts'))).err).toMatch(/\n\s+at /)
})
