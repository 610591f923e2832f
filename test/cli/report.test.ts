// The command that says how chains do: as text, as Markdown, as JSON.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { place, shop } from './spawn.ts'

test('report says how the chains of a store do, in text that fits 80 columns, in Markdown and in JSON', async () => {
  const { run, json } = place()
  await run('run', shop, 'stock')
  await run('run', shop, 'parcel')
  const text = await run('report')
  expect(text.err).toBe('')
  expect(text.out).toContain('2 runs measured')
  expect(text.out).toMatch(/failing: "broken" failing; of "broken" its one execution failed/)
  expect(text.out).toContain('the card expired')
  expect(text.out).toMatch(/stock +unknown +1 +0/)
  expect(Math.max(...text.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  // a chain is failing
  expect(text.code).toBe(1)

  const { out } = await run('report', '--format', 'md')
  expect(out).toMatch(/^# Report\n/)
  expect(out).toContain('| broken | failing | 1 | 1 |')

  const { value } = await json('report')
  expect(value).toMatchObject({
    schema: 1,
    meta: { runs: { used: 2, open: 0 } },
    verdict: { state: 'failing' },
    diff: { since: null },
  })
  expect((await run('report', '--format', 'json')).out).toContain('"schema": 1')
})

test('report says what has changed since another, and refuses what is none', async () => {
  const { run, folder } = place()
  await run('run', shop, 'stock')
  const before = join(folder, 'before.json')
  writeFileSync(before, (await run('report', '--json')).out)
  expect((await run('report', '--since', before)).out).toContain('Nothing has changed.')
  await run('run', shop, 'parcel')
  expect((await run('report', '--since', before)).out).toMatch(
    /health: broken is failing, and was (none|unknown)/,
  )
  writeFileSync(before, '{}')
  expect(await run('report', '--since', before)).toMatchObject({ code: 2 })
  expect(await run('report', '--since', join(folder, 'nowhere.json'))).toMatchObject({ code: 2 })
})

test('check --practices says what a module breaks, with the cure', async () => {
  const { run, json } = place()
  const { out, code } = await run('check', shop, '--practices')
  expect(code).toBe(0)
  expect(out).toContain('Good practice')
  expect(out).toMatch(/has no timeout: a call that never answers keeps/)
  expect(out).toMatch(/Give it a timeout/)
  const { value } = await json('check', shop, '--practices')
  const { practices } = value as { readonly practices: readonly object[] }
  expect(practices).toContainEqual(expect.objectContaining({ rule: 'no-timeout', severity: 'medium' }))
  expect((await run('check', shop)).out).not.toContain('Good practice')
})

test('report refuses what it cannot do', async () => {
  const { run } = place()
  expect(await run('report', '--format', 'xml')).toMatchObject({ code: 2 })
  expect(await run('report', '--events', 'all')).toMatchObject({ code: 2 })
  expect(await run('report')).toMatchObject({ code: 3 })
})
