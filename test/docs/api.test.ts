import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as fastCheck from '../../src/fast-check.ts'
import * as entry from '../../src/index.ts'
import * as prometheus from '../../src/prometheus.ts'
import * as inspector from '../../src/inspector.ts'
import * as sqlite from '../../src/sqlite.ts'
import * as telemetry from '../../src/telemetry.ts'
import * as testing from '../../src/testing.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/api.md'), 'utf8')
const { chain, createSupervisor, CatenaryError } = entry

/** The part of the page under a heading. */
const under = (heading: string): string => page.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''

test.each([
  ['catenary', entry],
  ['catenary/sqlite', sqlite],
  ['catenary/inspector', inspector],
  ['catenary/prometheus', prometheus],
  ['catenary/telemetry', telemetry],
  ['catenary/testing', testing],
  ['catenary/testing/fast-check', fastCheck],
])('docs/api.md has every function and class that %s exports', (_, exported) => {
  expect(Object.keys(exported).filter((name) => !new RegExp(`\`(${name})\\b`).test(page))).toEqual([])
})

/** What stands in for a supervisor inside. */
const inside = new Set(['runOf', 'actOnSchedule'])

test('docs/api.md has every member of a supervisor, of a run and of a chain', async () => {
  const one = chain('one').step('s', () => 1)
  await using supervisor = await createSupervisor({ chains: [one] })
  const run = await supervisor.start(one)
  const lacks = (heading: string, members: readonly string[]): readonly string[] =>
    members.filter(
      (name) => !under(heading).includes(`\`${name}(`) && !under(heading).includes(`\`${name}\``),
    )
  const members = Object.keys(supervisor).filter((name) => !inside.has(name))
  expect(members.length).toBeGreaterThan(15)
  expect(lacks('The supervisor', members)).toEqual([])
  expect(lacks('A run', Object.keys(run))).toEqual([])
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(one)).filter(
    (name) => name !== 'constructor',
  )
  expect(methods.length).toBeGreaterThan(10)
  expect(methods.filter((name) => !under('Making').includes(`\`.${name}`))).toEqual([])
})

describe('an option that is refused for its name', () => {
  /** The names that the refusal lists. */
  const names = async (make: () => unknown): Promise<readonly string[]> => {
    try {
      await make()
    } catch (error) {
      if (CatenaryError.is(error)) return /it takes (.*)$/.exec(error.message)?.[1]?.split(', ') ?? []
      throw error
    }
    throw new Error('it was taken')
  }
  const unlike = { qqqqqqqqqqqqqqqq: 1 } as object
  const lists: readonly (readonly [string, string, () => unknown])[] = [
    ['createSupervisor', 'api', () => createSupervisor({ chains: [], ...unlike })],
    ['chain', 'api', () => chain('a', unlike)],
    ['step', 'steps', () => chain('a').step('s', () => 1, unlike)],
    [
      'each',
      'steps',
      () =>
        chain('a').each(
          's',
          () => [1],
          () => 1,
          unlike,
        ),
    ],
    ['backoff', 'steps', () => chain('a').step('s', () => 1, { backoff: unlike })],
    ['limiter', 'limits', () => entry.limiter('l', { rate: 1, ...unlike })],
    ['breaker', 'breakers', () => entry.breaker('b', unlike)],
    ['service', 'services', () => entry.service('s', async () => {}, unlike)],
    ['group', 'services', () => entry.group('g', unlike, [])],
    ['schedule', 'schedules', () => chain('a', { schedule: { every: '1s', ...unlike } })],
  ]

  test.each(lists)('of %s is beside others that docs/%s.md explains', async (_, file, make) => {
    const known = await names(make)
    expect(known.length).toBeGreaterThan(3)
    const text = readFileSync(join(root, `docs/${file}.md`), 'utf8')
    expect(known.filter((name) => !new RegExp(`\`(?:\\w+\\.)?${name}\\b`).test(text))).toEqual([])
  })
})

test('docs/README.md leads to every page, and README.md to that', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
  const pages = globSync('*.md', { cwd: join(root, 'docs') }).filter((file) => file !== 'README.md')
  expect(pages.filter((file) => !index.includes(`(${file})`))).toEqual([])
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain('(docs/README.md)')
})
