// What the typed line does: first, again, after a change, over a broken report, and when asked.

import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { app } from '../../../examples/docs-search/app.ts'
import { openIndex, remark } from '../../../examples/docs-search/search/query.ts'
import { indexAll } from '../../../examples/docs-search/session.ts'
import { paintFor } from '../../../examples/docs-search/terminal/paint.ts'
import { emptyProject, nastyProject, type Project, soundProject } from './nasty-modules.ts'

interface Ended {
  readonly code: number
  readonly said: string
}

async function type(
  { root, dir }: Project,
  { fresh = false, limit, interrupted }: { fresh?: boolean; limit?: number; interrupted?: AbortSignal } = {},
): Promise<Ended> {
  let said = ''
  const terminal = { write: (text: string) => (said += text) }
  const code = await indexAll({ root, dir, ...(limit === undefined ? {} : { limit }) }, fresh, {
    app,
    terminal,
    paint: paintFor(terminal, { NO_COLOR: '1' }),
    interrupted: interrupted ?? new AbortController().signal,
    ask: 'ask --query',
  })
  return { code, said }
}

const reportOf = ({ dir }: Project): string => readFileSync(join(dir, 'report.json'), 'utf8')

test('the first line indexes everything and says how to ask', async () => {
  using project = soundProject()
  const { code, said } = await type(project)
  expect(code).toBe(0)
  expect(said).toMatch(/docs-search {2}3 packages/)
  expect(said).toMatch(/✓ report/)
  expect(said).toMatch(/indexed +3 packages, 3 documents, 9 sections/)
  expect(said).toMatch(/recoveries none/)
  expect(said).toContain('ask --query "abort signal"')
  expect(existsSync(join(project.dir, 'alert.txt'))).toBe(false)
})

test('it can be watched in a browser while it runs', async () => {
  using project = soundProject()
  expect((await type(project)).said).toMatch(/watch it at http:\/\/127\.0\.0\.1:\d+\/#token=\S{20,}/)
})

test('the same line again says that all is up to date', async () => {
  using project = soundProject()
  await type(project)
  const before = reportOf(project)
  const { code, said } = await type(project)
  expect(code).toBe(0)
  expect(said).toContain('all is up to date')
  expect(said).not.toContain('beginning')
  expect(reportOf(project)).toBe(before)
})

test('a fresh run over the same packages gives the same report, page and answers, byte for byte', async () => {
  using project = nastyProject()
  await type(project)
  const first = [reportOf(project), readFileSync(join(project.dir, 'report.html'), 'utf8')]
  const { code, said } = await type(project, { fresh: true })
  expect(code).toBe(0)
  expect(said).toMatch(/beginning docs-[0-9a-f]{16}-2, as asked/)
  expect([reportOf(project), readFileSync(join(project.dir, 'report.html'), 'utf8')]).toEqual(first)
  expect(readdirSync(join(project.dir, 'runs'))).toHaveLength(1)
})

test('the report holds no absolute path and no time', async () => {
  using project = nastyProject()
  await type(project)
  expect(reportOf(project)).not.toContain(join(project.root, '..'))
  expect(reportOf(project)).not.toMatch(/20\d\d-\d\d-\d\d/)
})

test('a package that changed is indexed anew', async () => {
  using project = soundProject()
  await type(project)
  project.write('alpha/README.md', '# alpha\n\nNow about zebras.\n')
  const { said } = await type(project)
  expect(said).toContain('because the packages have changed')
  using index = openIndex(join(project.dir, 'index.db'))
  expect(index.ask('zebra').map(({ name }) => name)).toEqual(['alpha'])
})

test('a report that is gone is made again', async () => {
  using project = soundProject()
  await type(project)
  const before = reportOf(project)
  rmSync(join(project.dir, 'report.json'))
  expect((await type(project)).said).toContain('because the index or the report is gone or was changed')
  expect(reportOf(project)).toBe(before)
})

test('a line that is stopped says so, and the next one goes on', async () => {
  using project = soundProject()
  const stop = new AbortController()
  stop.abort()
  const stopped = await type(project, { interrupted: stop.signal })
  expect(stopped).toMatchObject({ code: 130 })
  expect(stopped.said).toContain('type the same line again')
  const { code, said } = await type(project)
  expect(code).toBe(0)
  expect(said).toMatch(/going on with docs-[0-9a-f]{16}-1 where it stopped/)
})

test('a limit leaves packages out and says how many', async () => {
  using project = soundProject()
  expect((await type(project, { limit: 2 })).said).toMatch(
    /indexed +2 packages.*1 package left out by --limit/,
  )
})

test('a folder without packages is refused with the cure', async () => {
  using project = emptyProject()
  const { code, said } = await type(project)
  expect(code).toBe(1)
  expect(said).toContain('run npm ci first')
})

test('a run that fails ends with code 1 and every reason', async () => {
  using project = soundProject(['tinyexec'])
  const { code, said } = await type(project)
  expect(code).toBe(1)
  expect(said).toContain('verify, judge: the index does not know what it must')
  expect(said).toContain('alert.txt says more')
  expect((await type(project)).said).toContain('because the last run did not succeed')
})

test('answers are ranked, marked, and of several packages', async () => {
  using project = soundProject()
  project.write(
    'beta/README.md',
    '# beta\n\n## Aborting\n\nHand it an AbortSignal.\n\n## Other\n\nabort the signal\n',
  )
  project.write('alpha/README.md', '# alpha\n\n## Using an abort signal\n\nAn abort signal ends it.\n')
  await type(project)
  using index = openIndex(join(project.dir, 'index.db'))
  const [first, ...rest] = index.ask('abort signal')
  expect(first).toMatchObject({
    name: 'alpha',
    version: '1.0.0',
    file: 'README.md',
    anchor: 'using-an-abort-signal',
  })
  expect(remark(first?.heading ?? '', '[', ']')).toBe('Using an [abort signal]')
  expect(rest.map(({ name, anchor }) => `${name}#${anchor}`).toSorted()).toEqual([
    'beta#aborting',
    'beta#other',
  ])
  expect(index.ask('xylophone')).toEqual([])
  expect(index.ask('NEAR( "')).toEqual([])
  expect(index.ask('--')).toEqual([])
})
