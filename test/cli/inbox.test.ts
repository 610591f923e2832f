// What lies in the inbox and was not carried out: shown, dropped where nobody can have it in hand; and questions.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask } from '../../src/engine/clients/client.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { openSqliteClient } from '../../src/sqlite/client.ts'
import { fixture, place, shop } from './spawn.ts'

test('a start whose chain never comes back is kept, shown and dropped beside the live executor', async () => {
  const { start, run, json, folder } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  const client = openSqliteClient(join(folder, '.catenary/app.db'))
  const asked = ask(client, systemClock, { do: 'start', run: 'lost-1', chain: 'gone' }, { timeout: 60_000 })
  const refused = expect(asked).rejects.toMatchObject({ code: 'COMMAND_DROPPED' })
  while ((await client.reply(1)) === undefined) await new Promise((resolve) => void setImmediate(resolve))
  const shown = await run('inbox')
  expect(shown.out).toMatch(/^ENTRY +LEFT AT +COMMAND +RUN +WHY/)
  expect(shown.out).toMatch(/\n +1 .* start gone +lost-1 +the executor has no chain "gone"/)
  expect((await json('inbox')).value).toMatchObject([
    {
      entry: 1,
      do: 'start gone',
      run: 'lost-1',
      kept: expect.stringContaining('no chain "gone"') as unknown,
    },
  ])
  expect(await run('inbox', 'drop', '1')).toMatchObject({
    code: 0,
    out: 'dropped entry 1: start gone of run lost-1\n',
  })
  await refused
  expect((await run('inbox')).out).toBe('The inbox is empty.\n')
  const again = await run('inbox', 'drop', '1')
  expect(again).toMatchObject({ code: 2 })
  expect(again.err).toContain('there is no entry 1 in the inbox, but it was answered already')
  await client.close()
})

test('what is asked of advice, actions and schedules is shown as it is typed', async () => {
  const { run, json, folder } = place()
  await run('run', shop, 'stock')
  await run('act', 'a1', '--wait', '0')
  await run('apply', 's1', '--no-trial', '--wait', '0')
  const client = openSqliteClient(join(folder, '.catenary/app.db'))
  await client.post('{"do":"schedule","run":"schedule/stock/daily","act":"pause","id":"p-1"}', 0)
  await client.close()
  expect((await json('inbox')).value).toMatchObject([
    { do: 'act a1', run: null },
    { do: 'apply s1 --no-trial', run: null },
    { do: 'schedules pause stock/daily', run: null },
  ])
  expect((await run('inbox', 'drop', '1')).out).toBe('dropped entry 1: act a1\n')
})

test('any command is dropped while nobody executes, and the next executor carries out the others', async () => {
  const { start, run, json, folder } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  app.process.kill('SIGKILL')
  await app.ended
  for (const by of ['"eve"', '"ada"']) expect((await run('signal', 'o-1', 'approval', by)).code).toBe(4)
  const client = openSqliteClient(join(folder, '.catenary/app.db'))
  await client.post('{"do":"__proto__"}', 0)
  await client.close()
  expect((await json('inbox')).value).toMatchObject([
    { do: 'signal approval', run: 'o-1', kept: null },
    { do: 'signal approval', run: 'o-1', kept: null },
    { do: 'unreadable', run: null, kept: null },
  ])
  expect((await json('inbox', 'drop', '1')).value).toEqual({
    entry: 1,
    do: 'signal approval',
    run: 'o-1',
    done: 'dropped',
  })
  const ended = await run('run', shop, 'order', '--id', 'o-1')
  expect(JSON.parse(ended.out)).toMatchObject({ by: 'ada' })
})

test('a command that the live executor may have in hand is not dropped', async () => {
  const { start, run, folder } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  app.process.kill('SIGSTOP')
  const client = openSqliteClient(join(folder, '.catenary/app.db'))
  const entry = await client.post(JSON.stringify({ do: 'pause', run: 'o-1' }), Date.now())
  const refused = await run('inbox', 'drop', String(entry))
  expect(refused).toMatchObject({ code: 2, out: '' })
  expect(refused.err).toContain(
    'is not laid aside: the executor is about to carry it out, or does not answer',
  )
  app.process.kill('SIGCONT')
  while ((await client.reply(entry)) === undefined) await new Promise((resolve) => void setImmediate(resolve))
  await client.close()
  expect((await run('why', 'o-1')).out).toMatch(/^paused since/)
})

test.for([
  [['inbox', 'empty'], '"empty" is nothing that can be done to the inbox: it is drop'],
  [['inbox', 'drop'], 'which entry? catenary inbox drop <entry>'],
  [['inbox', 'drop', 'one'], 'is no number of an entry'],
  [['inbox', 'drop', '99'], 'there is no entry 99 in the inbox: list what there is'],
] as const)('%j is refused', async ([line, said]) => {
  const { run } = place()
  await run('run', shop, 'stock')
  const { code, err } = await run(...line)
  expect(err).toContain(said)
  expect(code).toBe(2)
})

test('ask prints the reply, the same for the same id, and says how to go on waiting', async () => {
  const { start, run, json } = place()
  const app = start('run', fixture('answers.ts'), 'price', '--id', 'p-1', '--input', '{"price":80}')
  await app.says(/waits for the signal discount/)
  expect(await run('ask', 'p-1', 'discount', '20', '--id', 'a')).toMatchObject({ code: 0, out: '60\n' })
  expect((await json('ask', 'p-1', 'discount', '20', '--id', 'a')).value).toEqual({
    run: 'p-1',
    id: 'a',
    reply: 60,
  })
  const absent = await json('ask', 'p-1', 'receipt', '1')
  expect(absent).toMatchObject({ code: 2, value: { error: { code: 'REPLY_ABSENT' } } })
  const late = await json('ask', 'p-1', 'discount', '1', '--id', 'b', '--wait', '300ms')
  expect(late).toMatchObject({ code: 4, value: { error: { code: 'REPLY_LATE' } } })
  app.process.kill('SIGKILL')
  await app.ended
  expect(await json('ask', 'p-1', 'discount', '1')).toMatchObject({
    code: 4,
    value: { error: { code: 'EXECUTOR_ABSENT' } },
  })
})
