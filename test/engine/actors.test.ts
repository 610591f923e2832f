// The actors of a supervisor as they move: bounded, numbered, in order, and unable to break what they tell of.

import { describe, expect, onTestFinished, test } from 'vitest'
import { setup } from 'xstate'
import {
  type ActorObservation,
  chain,
  createSupervisor,
  fromMachine,
  limiter,
  service,
} from '../../src/index.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'
import { untilAnswered } from './until.ts'

const slots = limiter('slots', { inFlight: 1 })
const secret = 'the secret'
const pay = chain<string>('pay')
  .step('charge', ({ input }) => `paid ${input}`, { limit: { by: slots } })
  .wait('go')
const lamp = fromMachine(
  'lamp',
  setup({}).createMachine({
    id: 'lamp',
    initial: 'off',
    states: { off: { on: { PRESS: 'on' } }, on: { type: 'final' } },
  }),
)
const busy = chain('busy').step('work', () => new Promise(() => {}))
const poller = service('poller', () => new Promise(() => {}))

function watch(rig: Rig, also: (one: ActorObservation) => void = () => {}) {
  const seen: ActorObservation[] = []
  const by = rig.supervisor.actors$.subscribe((one) => {
    seen.push(one)
    also(one)
  })
  onTestFinished(() => by.unsubscribe())
  return { seen, by }
}
const rigOf = async (options: RigOptions = {}): Promise<Rig> => createRig([pay, busy, lamp, poller], options)
const names = (seen: readonly ActorObservation[]): readonly string[] =>
  seen.flatMap((one) => (one.type === 'actor' ? [one.id] : []))

describe('the actors of a supervisor', () => {
  test('are told of from their making to their end, numbered and in order, with the chain and run they are of', async () => {
    const rig = await rigOf()
    const { seen } = watch(rig)
    const run = await rig.start(pay, secret)
    await rig.until(run.signal('go', 1))
    await rig.until(run.result())
    await rig.advance('1s')
    const own = seen.filter((one) => 'run' in one && one.run === run.id)
    expect(own.length).toBeGreaterThan(5)
    for (const one of own) expect(one).toMatchObject({ volatile: true, run: run.id, chain: 'pay' })
    expect(own[0]).toMatchObject({ type: 'actor', id: 'pay' })
    expect(own.filter(({ type }) => type === 'snapshot').at(-1)).toMatchObject({
      id: 'pay',
      status: 'done',
      state: 'succeeded',
    })
    expect(seen.map(({ number }) => number)).toEqual(seen.map((_, at) => at + 1))
    const times = seen.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // neither inputs nor outputs
    expect(JSON.stringify(seen)).not.toContain(secret)
    // plain data through and through
    expect(structuredClone(seen)).toEqual(seen)
  })

  test('that were there before are told of first, where they stand: engine, services, limiters, chains', async () => {
    const rig = await rigOf()
    await rig.start(pay, 'x')
    const run = await rig.start(busy)
    const other = await rig.start(lamp)
    await rig.advance('1s')
    const { seen } = watch(rig)
    await rig.advance('1ms')
    expect(names(seen)).toEqual(
      expect.arrayContaining(['supervisor', 'services', 'poller', 'limiter:slots', 'busy', 'work']),
    )
    expect(seen).toContainEqual(
      expect.objectContaining({ type: 'actor', id: 'busy', run: run.id, chain: 'busy', state: 'work' }),
    )
    const before = seen.length
    await rig.until(other.send({ type: 'PRESS' } as never))
    await rig.advance('1s')
    expect(seen.slice(before)).toContainEqual(
      expect.objectContaining({ type: 'event', id: 'lamp', run: other.id, event: 'PRESS' }),
    )
  })

  test('are not looked at while nobody subscribes, and after the last has left', async () => {
    let calls = 0
    const redact = (one: ActorObservation): ActorObservation => {
      calls++
      return one
    }
    const rig = await rigOf({ actors: { redact } })
    await rig.start(pay, 'x')
    await rig.advance('1s')
    expect(calls).toBe(0)
    const first = watch(rig)
    const second = watch(rig)
    await rig.advance('1s')
    expect(calls).toBeGreaterThan(0)
    expect(calls).toBe(first.seen.length)
    expect(second.seen.length).toBeLessThanOrEqual(first.seen.length)
    first.by.unsubscribe()
    second.by.unsubscribe()
    const before = calls
    await rig.start(pay, 'y')
    await rig.advance('1s')
    expect(calls).toBe(before)
  })

  test('beyond what may wait are dropped, and that is told in their place', async () => {
    const rig = await rigOf({ actors: { most: 8 } })
    const { seen } = watch(rig)
    for (let run = 0; run < 20; run++) await rig.start(pay, 'x')
    await rig.advance('1s')
    const dropped = seen.filter((one) => one.type === 'dropped')
    expect(dropped.length).toBeGreaterThan(0)
    let last = 0
    for (const one of seen) {
      if (one.type === 'dropped') last += one.count
      else {
        expect(one.number).toBe(last + 1)
        last = one.number
      }
    }
  })

  test('are told of as a redaction says, and it cannot break them', async () => {
    const told: string[] = []
    const logger = { info() {}, warn() {}, error: (_: unknown, message: string) => void told.push(message) }
    const redact = (one: ActorObservation): ActorObservation | undefined => {
      if (one.type === 'event') throw new Error('mine')
      if (one.type === 'microstep') return undefined
      return one.type === 'dropped' ? one : { ...one, id: '*' }
    }
    const rig = await rigOf({ actors: { redact }, logger })
    const { seen } = watch(rig)
    const run = await rig.start(pay, 'x')
    await rig.until(run.signal('go', 1))
    await rig.until(run.result())
    await rig.advance('1s')
    expect(new Set(seen.map(({ type }) => type))).toEqual(new Set(['actor', 'snapshot']))
    expect(new Set(names(seen))).toEqual(new Set(['*']))
    expect(told).toEqual([
      'redact of actors threw, and what it was to change is left out; told once: Error: mine',
    ])
  })

  test('go on whatever a subscriber throws, and so do the other subscribers', async () => {
    const told: string[] = []
    const logger = { info() {}, warn() {}, error: (_: unknown, message: string) => void told.push(message) }
    const rig = await rigOf({ logger })
    watch(rig, () => {
      throw new Error('mine')
    })
    const { seen } = watch(rig)
    const run = await rig.start(pay, 'x')
    await rig.until(run.signal('go', 1))
    expect(await rig.until(run.result())).toBe(1)
    expect(seen.length).toBeGreaterThan(5)
    expect(told).toEqual(['a subscriber of actors$ threw, and is told of once: Error: mine'])
  })

  test('end with the supervisor; a client has none, and one that stands by tells of them once it executes', async () => {
    const clock = createVirtualClock()
    const contents = createMemoryContents()
    const until = async <T>(work: Promise<T>): Promise<T> => untilAnswered(clock, work)
    const open = async (role: 'executor' | 'client' | 'auto') =>
      until(
        createSupervisor({
          chains: [pay],
          store: { ...createMemoryStore(contents), shared: true },
          clock,
          role,
        }),
      )
    const first = await open('executor')
    const client = await open('client')
    const next = await open('auto')
    let refused: unknown
    client.actors$.subscribe({ error: (error: unknown) => void (refused = error) })
    expect(refused).toMatchObject({ code: 'EXECUTOR_ONLY' })
    let over = false
    first.actors$.subscribe({ complete: () => void (over = true) })
    const seen: ActorObservation[] = []
    next.actors$.subscribe((one) => seen.push(one))
    await clock.advance('1s')
    expect(seen).toEqual([])
    await until(first.stop())
    expect(over).toBe(true)
    await clock.advance('2s')
    await until(next.start(pay, 'x'))
    await clock.advance('1s')
    expect(names(seen)).toContain('pay')
    await until(next.stop())
    await until(client.stop())
  })
})
