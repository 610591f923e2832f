// End to end over a node_modules in which everything is wrong: each fault ends in a recovery that is told.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSupervisor, type SupervisorOptions } from 'catenary'
import { expect, test } from 'vitest'
import { alert, report } from '../../../examples/docs-search/chains.ts'
import type { Files } from '../../../examples/docs-search/files.ts'
import type { Report } from '../../../examples/docs-search/report/contents.ts'
import { failingFiles, nastyProject, type Project, soundProject } from './nasty-modules.ts'

/** Without jitter's chance a backoff lasts no time, so that no test waits for one. */
const clock: NonNullable<SupervisorOptions['clock']> = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => 0,
  soon: (fire) => void setImmediate(fire),
  at(due, fire) {
    const timer = setTimeout(fire, Math.max(0, due - Date.now()))
    return () => clearTimeout(timer)
  },
}

async function index({ root, dir }: Project, files: Files): Promise<Report> {
  await using supervisor = await createSupervisor({ chains: [report, alert], app: { files }, clock })
  await supervisor.run(report, { root, dir })
  return JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as Report
}

test('every fault of a real node_modules ends in a recovery that the report lists', async () => {
  using project = nastyProject()
  const files = failingFiles([
    { path: /\/busy\/README\.md$/, code: 'EBUSY', times: 2 },
    { path: /\/dying\/README\.md$/, code: 'EIO' },
    { path: /\/sealed\/README\.md$/, code: 'EACCES' },
  ])
  const { recoveries } = await index(project, files)
  expect(recoveries.map((one) => `${one.package} | ${one.reason} | ${one.action} | ${one.outcome}`)).toEqual([
    '@empty-scope | an empty scope | skip | not indexed',
    'bare | no package.json | fallback | named after its folder',
    'binary | no README that can be read | fallback | indexed by package.json alone',
    'binary | README.md is not text | skip | not indexed',
    'bom | README.md begins with a byte order mark | fallback | read as utf-8',
    'broken | package.json is not JSON | fallback | named after its folder',
    'busy | cannot be read (EBUSY) | retry | read the next time',
    'circle | cannot be read (ELOOP) | skip | not indexed',
    'damaged | README.md has 1 bytes that are not UTF-8 | fallback | read as utf-8',
    'dangling | no README that can be read | fallback | indexed by package.json alone',
    'dangling | README.md cannot be read (ENOENT) | skip | not indexed',
    'dying | cannot be read (EIO) | fallback | indexed by package.json alone',
    'empty | no README that can be read | fallback | indexed by package.json alone',
    'empty | README.md is empty | skip | not indexed',
    'file-not-package | a file where a package should be | skip | not indexed',
    'folder | no README that can be read | fallback | indexed by package.json alone',
    'folder | README.md is a directory | skip | not indexed',
    'huge | CHANGELOG.md has 547 KiB | cap | the first 256 KiB are indexed',
    'latin | README.md is latin1 | fallback | read as windows-1252',
    'loop | no README that can be read | fallback | indexed by package.json alone',
    'loop | README.md cannot be read (ELOOP) | skip | not indexed',
    'sealed | no README that can be read | fallback | indexed by package.json alone',
    'sealed | README.md cannot be read (EACCES) | skip | not indexed',
    'second | a folder with nothing but node_modules | skip | not indexed',
    'second/node_modules/bom | README.md begins with a byte order mark | fallback | read as utf-8',
    'second/node_modules/bom | word for word the same as bom | skip | found under the other path',
    'silent | no README | fallback | indexed by package.json alone',
    'utf16 | README.md is UTF-16LE | fallback | read as utf-16le',
    'vanished | cannot be read (ENOENT) | skip | not indexed',
  ])
})

test('the alert follows and tells of every recovery', async () => {
  using project = nastyProject()
  const { recoveries } = await index(project, failingFiles([]))
  const lines = readFileSync(join(project.dir, 'alert.txt'), 'utf8').trimEnd().split('\n')
  expect(lines[0]).toBe('everything succeeded, but not without recoveries')
  expect(lines).toHaveLength(1 + recoveries.length)
})

test('versions, second names, licences and broken links are all told', async () => {
  using project = nastyProject()
  const found = await index(project, failingFiles([]))
  expect(found.duplicates).toEqual([{ name: 'sound', versions: ['0.9.0', '1.0.0'] }])
  expect(found.aliases).toEqual([{ path: 'tool-again', to: '@own/tool' }])
  expect(found.licenses).toMatchObject({
    status: 'known',
    unknown: ['bare', 'broken'],
    fromText: [{ package: 'texted', license: 'MIT', file: 'LICENSE' }],
  })
  expect(found.brokenLinks).toEqual([
    { package: 'outer', file: 'README.md', target: '../sound/README.md', why: 'leaves the package' },
    { package: 'outer', file: 'README.md', target: 'gone.md', why: 'not in the package' },
    { package: 'sound', file: 'README.md', target: 'more.md', why: 'not in the package' },
  ])
  expect(found.packages.find(({ path }) => path === 'outer')).toMatchObject({ links: 3, broken: 2 })
})

test('licences that cannot be found out leave the report without them, and the alert says why', async () => {
  using project = soundProject()
  project.manifest('untold', { name: 'untold' })
  project.write('untold/LICENSE', 'All rights reserved')
  const found = await index(project, failingFiles([{ path: /\/untold\/LICENSE$/, code: 'EIO' }]))
  expect(found.licenses).toEqual({ status: 'unavailable' })
  expect(readFileSync(join(project.dir, 'report.html'), 'utf8')).toContain('Not found out this time')
  expect(readFileSync(join(project.dir, 'alert.txt'), 'utf8')).toMatch(/licenses failed: .*EIO/)
})

test('an index that does not know what it must is not published, and the run says why', async () => {
  using project = soundProject(['tinyexec'])
  const { root, dir } = project
  await using supervisor = await createSupervisor({
    chains: [report, alert],
    app: { files: failingFiles([]) },
    clock,
  })
  const result = await supervisor.settled(report, { root, dir })
  expect(result).toMatchObject({
    status: 'failed',
    failures: [{ chain: 'verify', step: 'judge', failure: { kind: 'thrown' }, blocked: ['report'] }],
  })
  expect(() => readFileSync(join(dir, 'report.json'))).toThrow('ENOENT')
  const said = readFileSync(join(dir, 'alert.txt'), 'utf8')
  expect(said).toContain(
    'verify failed: the index does not know what it must: "abort signal" does not find tinyexec',
  )
  expect(said).toContain('report did not run: upstream failed')
})
