// Nothing is left of runs: after mixed ones, ended or stopped in the middle, no timer, actor, listener, slot or hold.

import { getEventListeners } from 'node:events'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Actor, AnyActorRef, AnyStateMachine } from 'xstate'
import type { StepContext } from '../../src/definition/context.ts'
import {
  type AnyChain,
  breaker,
  chain,
  createSupervisor,
  fromMachine,
  limiter,
  type Run,
  type Supervisor,
} from '../../src/index.ts'
import type { LimiterContext } from '../../machines/limiter.ts'
import { createVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.ts'
import { downloads } from './guests/downloads.ts'

const concurrency = 6

/** Bodies that take their time, and how many of them have a timer. */
function createWork(clock: VirtualClock) {
  const signals = new Set<AbortSignal>()
  const work = { timers: 0, running: 0, most: 0, signals }
  const takes =
    (ms: number, then: 'returns' | 'throws' = 'returns') =>
    async ({ signal, attempt }: Pick<StepContext, 'signal' | 'attempt'>): Promise<number> => {
      signals.add(signal)
      work.most = Math.max(work.most, ++work.running)
      try {
        await new Promise<void>((resolve, reject) => {
          const abort = (): void => {
            cancel()
            work.timers--
            reject(new Error('aborted'))
          }
          work.timers++
          const cancel = clock.at(clock.now() + ms, () => {
            work.timers--
            signal.removeEventListener('abort', abort)
            resolve()
          })
          signal.addEventListener('abort', abort, { once: true })
        })
      } finally {
        work.running--
      }
      if (then === 'throws') throw new Error('no')
      return attempt
    }
  /** Goes on for so long whatever its signal says. */
  const ignores =
    (ms: number) =>
    async ({ signal }: Pick<StepContext, 'signal'>) => {
      signals.add(signal)
      work.timers++
      await new Promise<void>((resolve) => void clock.at(clock.now() + ms, resolve))
      work.timers--
    }
  return { work, takes, ignores }
}

/** A chain for each mechanism that holds something while it works. */
function createChains({ takes, ignores }: Pick<ReturnType<typeof createWork>, 'takes' | 'ignores'>) {
  const api = limiter('api', { inFlight: 2, rate: 5, per: '1s' })
  const bank = breaker('bank', { window: 6, minimum: 3, openFor: '20s' })
  const callee = chain<string>('callee')
    .step('one', takes(300), { compensate: takes(100) })
    .step('two', takes(700), { compensate: takes(50) })
  const backoff = { initial: 400 }
  return [
    chain('saga')
      .step('a', takes(200), { compensate: takes(900) })
      .call('sub', callee, () => 'x')
      .step('bad', takes(300, 'throws'), { attempts: 3, backoff }),
    chain('hedged').step('h', takes(5_000), { hedge: { after: '1s', max: 3 }, idempotent: true }),
    chain('limited').step('l', takes(1_500), { limit: { by: api, cost: 2 } }),
    chain('many').each(
      'all',
      () => ['a', 'b', 'c', 'd'],
      async (_, context) => takes(400)(context),
      {
        key: (item) => item,
        limit: { by: api },
        inFlight: 3,
      },
    ),
    chain('guarded').step('g', takes(200, 'throws'), {
      breaker: bank,
      attempts: 4,
      backoff,
      fallback: () => 'instead',
    }),
    chain('late').step('s', ignores(9_000), { timeout: '1s', attempts: 2, backoff }),
    chain('cut', { deadline: '2s' }).step('c', takes(60_000)).sleep('never', '1h'),
    chain('split').parallel(
      'p',
      {
        fails: (b) => b.step('f', takes(800, 'throws')),
        stubborn: (b) => b.step('i', ignores(3_000)),
        waits: (b) => b.wait('word', undefined, { timeout: '1h' }),
      },
      { onFailure: 'cancel' },
    ),
    chain('told')
      .wait('word', undefined, { timeout: '30s', onTimeout: 'continue', reply: () => 'heard' })
      .sleep('nap', '40s'),
    chain('beats').step('b', takes(40_000), { heartbeat: '10s', attempts: 2, backoff }),
    chain('over').each('subs', () => ['x', 'y', 'z'], callee, { key: (item) => item, inFlight: 2 }),
    chain('single', { concurrency: { key: () => 'one', limit: 1 } }).step('s', takes(1_000)),
    chain('again').repeat('r', (b) => b.step('s', takes(600)), { until: ({ round }) => round >= 3, max: 5 }),
    fromMachine('guest', downloads.machine({ call: () => {}, after: async () => {}, now: () => 0 } as never)),
  ] as unknown as readonly AnyChain[]
}

async function createWorld(seed: number) {
  const clock = createVirtualClock({ seed })
  const { work, ...bodies } = createWork(clock)
  const chains = createChains(bodies)
  const actors = new Set<AnyActorRef>()
  const supervisor = await createSupervisor({
    chains,
    clock,
    concurrency,
    retryBudget: { ratio: 0.5, window: '10s', minimum: 20 },
    inspect: (event) => {
      if (event.type === '@xstate.actor') actors.add(event.actorRef as AnyActorRef)
    },
  })
  await clock.settle()
  return { clock, work, chains, actors, supervisor, timers: (): number => clock.pending - work.timers }
}

const active = (actors: Iterable<AnyActorRef>): readonly string[] =>
  [...actors]
    .filter((actor) => (actor.getSnapshot() as { status: string }).status === 'active')
    .map(({ id }) => id)

interface Doing {
  readonly which: number
  readonly what: 'cancel' | 'pause' | 'resume' | 'signal' | 'ask' | 'retry'
}

/** Starts runs of all chains, and does things to them; who is refused hears of it elsewhere. */
async function start(
  supervisor: Supervisor,
  chains: readonly AnyChain[],
  count: number,
): Promise<readonly Run[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, n) =>
      supervisor.start(chains[n % chains.length] as AnyChain, n as never),
    ),
  )
}
function act(run: Run | undefined, what: Doing['what']): void {
  const done =
    what === 'signal' || what === 'ask' ? run?.[what]('word', 1, { id: `${what}-${run.id}` }) : run?.[what]()
  done?.catch(() => {})
}

test('when 200 mixed runs have ended, all that they held is free', { timeout: 60_000 }, async () => {
  const { clock, work, chains, actors, supervisor, timers } = await createWorld(3)
  const before = { timers: timers(), actors: active(actors) }
  const started = start(supervisor, chains.slice(0, -1), 200)
  await clock.advance(50)
  const runs = await started
  for (const [n, run] of runs.entries()) if (n % 7 === 3) act(run, 'cancel')
  for (const run of runs) act(run, 'signal')
  await clock.advance('30m')
  expect(new Set(await Promise.all(runs.map(async (run) => run.status())))).toEqual(
    new Set(['succeeded', 'failed', 'cancelled']),
  )
  await clock.advance('1h')
  expect(work).toMatchObject({ timers: 0, running: 0 })
  expect(timers()).toBe(before.timers)
  for (const signal of work.signals) expect(getEventListeners(signal, 'abort')).toEqual([])
  const left = active(actors).filter((id) => !before.actors.includes(id))
  expect(new Set(left)).toEqual(new Set(['limiter:api', 'breaker:bank']))
  const [api] = [...actors].filter(({ id }) => id === 'limiter:api') as Actor<AnyStateMachine>[]
  expect(api?.getSnapshot().context as LimiterContext).toMatchObject({ taken: 0, waiting: 0 })
  // every slot can be had
  work.most = 0
  const last = start(
    supervisor,
    chains.filter(({ id }) => id === 'hedged'),
    concurrency,
  )
  await clock.advance(100)
  await last
  expect(work.most).toBe(concurrency)
  const stopped = supervisor.stop()
  await clock.advance('1m')
  await stopped
  expect([clock.pending, active(actors)]).toEqual([0, []])
})

test('a supervisor that stops amid mixed runs leaves nothing behind', { timeout: 120_000 }, async () => {
  const doing = fc.record({
    which: fc.nat(199),
    what: fc.constantFrom<Doing['what'][]>('cancel', 'cancel', 'pause', 'resume', 'signal', 'ask', 'retry'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.nat(9_999),
      fc.array(fc.tuple(fc.constantFrom(0, 20, 300, 2_500, 12_000), fc.array(doing, { maxLength: 20 })), {
        maxLength: 8,
      }),
      fc.constantFrom(0, 1, 1_500, 3_600_000),
      async (seed, story, drain) => {
        const { clock, work, chains, actors, supervisor, timers } = await createWorld(seed)
        const started = start(supervisor, chains, 200)
        await clock.advance(seed % 40)
        const runs = await started
        for (const [wait, doings] of story) {
          for (const { which, what } of doings) act(runs[which], what)
          await clock.advance(wait)
        }
        const ends = runs.map(async (run) => run.settled().catch(() => undefined))
        const stopped = supervisor.stop({ drain })
        await clock.advance(drain)
        await stopped
        await Promise.all(ends)
        await clock.settle()
        expect(timers()).toBe(0)
        expect(active(actors)).toEqual([])
        // who ignores its signal ends when it likes
        await clock.advance('1h')
        expect(work).toMatchObject({ timers: 0, running: 0 })
        expect(clock.pending).toBe(0)
        for (const signal of work.signals) expect(getEventListeners(signal, 'abort')).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})
