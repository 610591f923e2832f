// How much of what happens a stream is sent: all of it below its rate, together; above it the latest, and how many it missed.

import { expect, onTestFinished, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { InspectorOptions } from '../../src/inspector/inspector-options.ts'
import type { StreamLine } from '../../src/inspector/protocol.ts'
import { type Served, serve } from './served.ts'

const greet = chain<string>('greet').step('hello', ({ input }) => `hello, ${input}`)

async function served(options: InspectorOptions): Promise<Served> {
  const one = await serve([greet], options)
  onTestFinished(async () => one[Symbol.asyncDispose]())
  return one
}

/** Reads as fast as it is sent. */
async function follow({ inspector }: Served, after = '?after=0'): Promise<readonly StreamLine[]> {
  const headers = { authorization: `Bearer ${inspector.token}` }
  const { body } = await inspector.fetch(new Request(`http://localhost/api/stream${after}`, { headers }))
  const lines: StreamLine[] = []
  let text = ''
  void body?.pipeTo(
    new WritableStream<Uint8Array>({
      write(chunk) {
        const pieces = (text += Buffer.from(chunk).toString()).split('\n')
        text = pieces.pop() ?? ''
        lines.push(...pieces.map((line) => JSON.parse(line) as StreamLine))
      },
    }),
  )
  return lines
}

/** Each event is told, or counted where it is missing, once and in order; how many were sent and up to which. */
function whole(lines: readonly StreamLine[]): { readonly sent: number; readonly last: number } {
  let last = 0
  let sent = 0
  for (const line of lines)
    if (line.type === 'dropped') {
      expect(line.seq).toBe(last + line.count)
      last = line.seq
    } else if (line.type === 'events')
      for (const { seq } of line.events) {
        expect(seq).toBe(last + 1)
        last = seq
        sent++
      }
  return { sent, last }
}

const burst = async ({ rig }: Served, runs: number): Promise<void> =>
  void (await rig.until(
    Promise.all(Array.from({ length: runs }, async () => rig.supervisor.run(greet, 'Ada'))),
  ))

test('whoever falls behind its rate is sent no more than that, and told where and how many are missing', async () => {
  const rate = 300
  const one = await served({ rate })
  const { rig } = one
  const begun = rig.clock.monotonic()
  const lines = await follow(one)
  await rig.advance('1s')
  for (const runs of [5, 80, 200, 10, 150]) {
    await burst(one, runs)
    await rig.advance('400ms')
    const { sent } = whole(lines)
    expect(sent).toBeLessThanOrEqual(rate + ((rig.clock.monotonic() - begun) * rate) / 1_000)
  }
  await rig.advance('10s')
  const { sent, last } = whole(lines)
  expect(last).toBe(rig.events().at(-1)?.seq)
  expect(sent).toBeLessThan(last)
  expect(lines.some(({ type }) => type === 'dropped')).toBe(true)
})

test('below the rate nothing is missed, and what happens within a moment goes together', async () => {
  const one = await served({ rate: 2_000 })
  const { rig } = one
  const lines = await follow(one)
  await rig.advance('1s')
  for (let turn = 0; turn < 10; turn++) {
    const before = lines.length
    await burst(one, 20)
    await rig.advance('200ms')
    expect(lines.slice(before).filter(({ type }) => type === 'events').length).toBeLessThanOrEqual(2)
  }
  expect(lines.every(({ type }) => type !== 'dropped')).toBe(true)
  const last = rig.events().at(-1)?.seq
  expect(whole(lines)).toEqual({ sent: last, last })
})

test('history that was asked for is sent at the rate, all of it', async () => {
  const one = await served({ rate: 250 })
  const { rig } = one
  await burst(one, 300)
  const last = rig.events().at(-1)!.seq
  expect(last).toBeGreaterThan(1_500)
  const lines = await follow(one)
  await rig.advance('1s')
  expect(whole(lines).sent).toBeLessThanOrEqual(500)
  await rig.advance('30s')
  expect(whole(lines)).toEqual({ sent: last, last })
})

test('a value is redacted once for all that follow closely', async () => {
  let asked = 0
  const one = await served({
    redact: (value, { what }) => {
      if (what === 'payload') asked++
      return value
    },
  })
  const { rig } = one
  const all = [await follow(one), await follow(one), await follow(one)]
  await rig.advance('1s')
  await burst(one, 20)
  await rig.advance('1s')
  for (const lines of all) expect(whole(lines).last).toBe(rig.events().at(-1)?.seq)
  const payloads = all[0]!.flatMap((line) =>
    line.type === 'events' ? line.events.filter(({ body }) => 'payload' in body) : [],
  )
  expect(payloads.length).toBeGreaterThan(0)
  expect(asked).toBe(payloads.length)
})
