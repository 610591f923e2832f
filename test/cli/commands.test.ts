// The commands that change a run of another process: signal, cancel, pause, resume.

import { expect, test } from 'vitest'
import { place, shop } from './spawn.ts'

test('a signal from another process reaches a live run', async () => {
  const { start, run } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  const { code, out } = await run('signal', 'o-1', 'approval', '{"by":"ada"}')
  expect({ code, out }).toEqual({ code: 0, out: 'signal approval delivered to run o-1\n' })
  const ended = await app.ended
  expect(ended.code).toBe(0)
  expect(JSON.parse(ended.out)).toEqual({ shipped: 21, by: { by: 'ada' } })
})

test('a signal without an executor is left in the inbox, and delivered by the next', async () => {
  const { start, run } = place()
  const app = start('run', shop, 'order')
  await app.says(/waits for the signal approval/)
  app.process.kill('SIGKILL')
  await app.ended
  const id = /run ([0-9A-Z]{26}) of order/.exec(app.text())?.[1] ?? ''
  const { code, err } = await run('signal', id, 'approval', '"late"')
  expect(code).toBe(4)
  expect(err).toMatch(
    /no executor has the store open; the signal was left in the inbox \(entry 1\) and will be carried out when an executor opens the store/,
  )
  const again = await run('run', shop, 'order')
  expect(again.code).toBe(0)
  expect(JSON.parse(again.out)).toMatchObject({ by: 'late' })
})

test('a run is paused, resumed and cancelled from another process', async () => {
  const { start, run, json } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  expect((await run('pause', 'o-1')).out).toBe('paused run o-1\n')
  expect((await run('why', 'o-1')).out).toMatch(/^paused since .*, until someone resumes it/)
  expect((await json('resume', 'o-1')).value).toEqual({ run: 'o-1', done: 'resumed' })
  expect((await run('cancel', 'o-1', '--reason', 'sold out')).code).toBe(0)
  const ended = await app.ended
  expect(ended.code).toBe(1)
  expect(ended.err).toContain('run is to be cancelled: sold out')
  const late = await run('pause', 'o-1')
  expect(late.code).toBe(2)
  expect(late.err).toContain('run o-1 has ended as cancelled')
})

test('waiting lists who waits for which signal, for people and for programs', async () => {
  const { start, run, json } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  const shown = await run('waiting')
  expect(shown.code).toBe(0)
  expect(shown.out).toMatch(/^RUN +CHAIN +SIGNAL +SINCE .*\no-1 +order +approval +/)
  expect((await json('waiting', 'approval')).value).toMatchObject([
    { run: 'o-1', chain: 'order', step: 'approval', signal: 'approval' },
  ])
  expect((await run('waiting', 'receipt')).out).toBe('No run waits for the signal receipt.\n')
  await run('signal', 'o-1', 'approval')
  await app.ended
  expect((await run('waiting')).out).toBe('No run waits for a signal.\n')
})

test('a cancelled run is retried from another process, and goes on where it was', async () => {
  const { start, run, json } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  await run('cancel', 'o-1')
  expect((await app.ended).code).toBe(1)
  const other = start('run', shop, 'order', '--id', 'o-2', '--new')
  await other.says(/waits for the signal approval/)
  expect((await run('retry', 'o-2')).err).toMatch(/run o-2 has not ended: cancel it first/)
  expect((await run('retry', 'o-1', '--from', 'nothing')).code).toBe(2)
  expect((await json('retry', 'o-1')).value).toEqual({ run: 'o-1', done: 'retried' })
  expect((await run('signal', 'o-1', 'approval', '1')).code).toBe(0)
  expect((await run('tail', 'o-1')).out.trim()).toMatch(/run retried[^]*run succeeded$/)
  const { out } = await run('status', 'o-1')
  expect(out).toMatch(/succeeded after[^]*retried at .*; what no longer counts is left out/)
  expect(out).toMatch(/reserve +succeeded +1 /)
  expect((await run('fork', 'o-1')).code).toBe(2)
  expect((await run('fork', 'o-1', '--from', 'ship', '--id', 'o-3')).out).toBe('forked into run o-3\n')
  expect((await run('tail', 'o-3')).out.trim()).toMatch(/run succeeded$/)
  expect((await run('status', 'o-3')).out).toMatch(/forked from run o-1 at seq \d+/)
})
