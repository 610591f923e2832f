// The stream of events: who may have it, from where on, and what becomes of those who are too slow or too many.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import type { EventRow, StreamLine } from '../../src/inspector/protocol.ts'
import { openSqliteReader } from '../../src/sqlite/client.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { place } from '../cli/spawn.ts'
import { open, request } from './raw.ts'
import { type Served, serve } from './served.ts'

const greet = chain<string>('greet').step('hello', ({ input }) => ({
  text: `hello, ${input}`,
  password: 'hunter2',
}))

interface Listening {
  readonly lines: StreamLine[]
  readonly events: EventRow[]
  /** Lets time go on until it holds. */
  until(holds: () => boolean, by?: string): Promise<void>
  readonly status: () => number
  stop(): void
  resume(): void
  pause(): void
}

async function listen(served: Served, path = '/api/stream?after=0'): Promise<Listening> {
  const { port, inspector, rig } = served
  const socket = await open(port)
  let heard = ''
  let status = 0
  const lines: StreamLine[] = []
  const events: EventRow[] = []
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    heard += chunk
    if (status === 0) status = Number(heard.split(' ')[1])
    // each line of JSON is whole before its newline; sizes of chunks stand on lines of their own
    const whole = heard.split('\n')
    heard = whole.pop() ?? ''
    for (const line of whole) {
      if (!line.startsWith('{"type"')) continue
      const one = JSON.parse(line) as StreamLine
      lines.push(one)
      if (one.type === 'events') events.push(...one.events)
    }
  })
  socket.on('error', () => {})
  socket.write(request(port, inspector.token, { path }))
  return {
    lines,
    events,
    status: () => status,
    async until(holds, by = '10ms') {
      while (!holds()) {
        await new Promise((turn) => void setImmediate(turn))
        await rig.advance(by as '10ms')
      }
    },
    stop: () => socket.destroy(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  }
}

test('every committed event comes once and in order, from the one that was asked for, redacted', async () => {
  await using served = await serve([greet])
  const run = await served.rig.start(greet, 'Ada')
  await served.rig.until(run.result())
  const all = await listen(served)
  const ended = served.rig.events().at(-1)!.seq
  await all.until(() => all.events.at(-1)?.seq === ended)
  expect(all.lines[0]).toMatchObject({ type: 'hello' })
  expect(all.events.map(({ seq }) => seq)).toEqual(Array.from({ length: ended }, (_, i) => i + 1))
  const output = all.events.find(({ type }) => type === 'attempt.succeeded')
  expect(output?.body).toMatchObject({ payload: { text: 'hello, Ada', password: '[redacted]' } })
  expect(JSON.stringify(all.lines)).not.toContain('hunter2')

  const before = all.events.at(-1)!.seq
  const middle = all.events[2]!.seq
  const rest = await listen(served, `/api/stream?after=${middle}`)
  const fresh = await listen(served, '/api/stream')
  await fresh.until(() => fresh.lines.length > 0)
  await served.rig.until(served.rig.supervisor.run(greet, 'Grace'))
  const last = served.rig.events().at(-1)!.seq
  await rest.until(() => rest.events.at(-1)?.seq === last && fresh.events.at(-1)?.seq === last)
  expect(rest.events[0]?.seq).toBe(middle + 1)
  expect(rest.events).toHaveLength(last - middle)
  expect(fresh.events[0]?.seq).toBe(before + 1)
  for (const one of [all, rest, fresh]) one.stop()
})

test('where nothing happens, a beat says that all is well', async () => {
  await using served = await serve([greet])
  const listening = await listen(served, '/api/stream')
  await listening.until(() => listening.lines.filter(({ type }) => type === 'beat').length === 2, '1s')
  listening.stop()
})

test('more clients than may watch are refused, and one that leaves makes room', async () => {
  await using served = await serve([greet], { maxClients: 2 })
  const [one, two] = [await listen(served), await listen(served)]
  await two.until(() => one.lines.length > 0 && two.lines.length > 0)
  const three = await listen(served)
  await three.until(() => three.status() !== 0)
  expect(three.status()).toBe(503)
  one.stop()
  let taken = false
  while (!taken) {
    const next = await listen(served)
    await next.until(() => next.status() !== 0)
    taken = next.status() === 200
    next.stop()
  }
  two.stop()
})

test('one that takes nothing holds up nobody, and is told how much it missed', async () => {
  await using served = await serve([greet])
  const slow = await listen(served)
  await slow.until(() => slow.lines.length > 0)
  slow.pause()
  const batch = Array.from({ length: 100 }, async () => served.rig.supervisor.start(greet, 'x'.repeat(200)))
  await served.rig.until(Promise.all(batch))
  for (let i = 0; i < 60; i++)
    await served.rig.until(
      Promise.all(Array.from({ length: 100 }, async () => served.rig.supervisor.run(greet, 'x'.repeat(200)))),
    )
  const last = served.rig.events().at(-1)!.seq
  expect(last).toBeGreaterThan(25_000)
  slow.resume()
  await slow.until(() => slow.events.at(-1)?.seq === last)
  const dropped = slow.lines.filter((line) => line.type === 'dropped')
  const missed = dropped.reduce((sum, { count }) => sum + count, 0)
  expect(missed).toBeGreaterThan(0)
  // nothing is lost without being told
  expect(missed + slow.events.length).toBe(last)
  slow.stop()
})

test('beside the process that executes, events are read as they come', async () => {
  const { folder } = place()
  const file = `${folder}/app.db`
  const supervisor = await supervise(createSqliteStore(file), { chains: [greet] })
  const reader = openSqliteReader(file)
  const { fetch, token, ...inspector } = createInspector({ reader, name: file }, { enabled: true })
  const headers = { authorization: `Bearer ${token}` }
  const { body } = await fetch(new Request('http://localhost/api/stream?after=0', { headers }))
  const seqs: number[] = []
  let text = ''
  let last = Infinity
  void supervisor.run(greet, 'Ada').then(async () => {
    await supervisor.run(greet, 'Grace')
    last = await reader.lastSeq()
  })
  for await (const chunk of body!) {
    const lines = (text += Buffer.from(chunk).toString()).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines.map((one) => JSON.parse(one) as StreamLine))
      if (line.type === 'events') seqs.push(...line.events.map(({ seq }) => seq))
    if ((seqs.at(-1) ?? 0) >= last) break
  }
  expect(seqs).toEqual(seqs.map((_, i) => i + 1))
  expect(seqs.length).toBe(last)
  await inspector[Symbol.asyncDispose]()
  await supervisor.stop()
  await reader.close()
})

test('what is asked for wrongly is refused, and the end of the inspector ends all streams', async () => {
  const served = await serve([greet])
  for (const after of ['x', '-1', '1.5', '1e999', ''].slice(0, 4))
    expect((await served.ask({ path: `/api/stream?after=${after}` })).status).toBe(400)
  const response = await served.inspector.fetch(
    new Request('http://localhost/api/stream', {
      headers: { authorization: `Bearer ${served.inspector.token}` },
    }),
  )
  const reading = new Response(response.body).text()
  await new Promise((turn) => void setImmediate(turn))
  await served[Symbol.asyncDispose]()
  expect((await reading).split('\n')[0]).toContain('"hello"')
})
