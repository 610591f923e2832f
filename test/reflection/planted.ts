// Histories in which something is wrong, at a strength that is given, and histories that only look like it.

import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import type { StepContext } from '../../src/definition/context.ts'
import type { Place, SuggestionKind } from '../../src/reflection/suggestion.ts'
import type { RigOptions } from '../engine/rig.ts'
import type { Lab, Start } from './lab.ts'

type Context = Pick<StepContext, 'signal' | 'attempt' | 'idempotencyKey'>

export interface Scenario {
  readonly chains: readonly AnyChain[]
  readonly starts: readonly Start[]
  readonly options?: RigOptions
}

export interface Planted {
  readonly kind: SuggestionKind
  readonly place: Place
  /** What is turned up, and how far: the least that should be found first. */
  readonly effects: readonly number[]
  readonly plant: (lab: Lab, effect: number) => Scenario
  readonly alike: Readonly<Record<string, (lab: Lab) => Scenario>>
}

/** By the attempt's name: a lognormal time around `ms`. */
export function spread(lab: Lab, ms: number, { idempotencyKey, attempt }: Context, sigma = 0.3): number {
  const [u, v] = [lab.chance('u', idempotencyKey, attempt), lab.chance('v', idempotencyKey, attempt)]
  return Math.max(
    1,
    Math.round(ms * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v))),
  )
}

const work =
  (lab: Lab, ms: number, sigma?: number) =>
  async (context: Context): Promise<void> =>
    lab.work(spread(lab, ms, context, sigma), context)

function every(
  ms: number,
  count: number,
  target: AnyChain,
  more: (index: number) => Partial<Start> = () => ({}),
): readonly Start[] {
  return Array.from({ length: count }, (_, index) => ({ at: index * ms, targets: [target], ...more(index) }))
}

class Coded extends Error {
  readonly code: string
  constructor(code: string) {
    super(`it says ${code}`)
    this.code = code
  }
}

/** The first attempts of a share of the runs fail; a share of their retries helps. */
function retrying(lab: Lab, failing: number, helping: number, when: (run: number) => boolean = () => true) {
  const c = chain<number>('c').step(
    'ask',
    async (context: Context & { readonly input: number }) => {
      await lab.work(spread(lab, 50, context), context)
      const name = context.idempotencyKey
      if (!when(context.input) || lab.chance('fails', name) >= failing) return
      if (context.attempt === 1 || lab.chance('helps', name, context.attempt) >= helping)
        throw new Coded('E_GONE')
    },
    { attempts: 3, backoff: { initial: 100 } },
  )
  return { chains: [c], starts: every(200, 500, c, (input) => ({ input })) }
}

/** A step whose calls take `ms`, a share of which hang instead. */
function timed(
  lab: Lab,
  {
    ms,
    timeout,
    hangs = 0,
    sigma = 0.4,
    count = 500,
  }: { ms: number; timeout: number; hangs?: number; sigma?: number; count?: number },
): Scenario {
  const c = chain('c').step(
    'call',
    async (context: Context) => {
      const stuck = lab.chance('hangs', context.idempotencyKey, context.attempt) < hangs
      await lab.work(stuck ? 1e9 : spread(lab, ms, context, sigma), context)
    },
    { timeout, attempts: 3, backoff: { initial: 100 } },
  )
  return { chains: [c], starts: every(500, count, c) }
}

/** Runs with so many items side by side, on four slots or in four places. */
function bottleneck(
  lab: Lab,
  widthOf: (run: number) => number,
  { contended = false, inFlight = 64, concurrency = 4 } = {},
): Scenario {
  let inside = 0
  const c = chain<number>('c').each(
    'work',
    ({ input }) => Array.from({ length: widthOf(input) }, (_, index) => index),
    async (_: unknown, context: Context) => {
      inside++
      // what is shared behind it: the more at once, the slower
      await lab.work(spread(lab, 100 * (contended ? inside : 1), context), context)
      inside--
    },
    { inFlight },
  )
  const starts = every(3000, 150, c, (input) => ({ input }))
  return { chains: [c], starts, options: { concurrency } }
}

function edge(
  lab: Lab,
  ms: number,
  how: { readonly read?: boolean; readonly declare?: object; readonly consumer?: object },
): Scenario {
  const { read = false, declare = { pure: true }, consumer = { pure: true } } = how
  const first = chain('first').step('look', work(lab, ms), declare)
  const other = chain('other').step('look', work(lab, 20), { pure: true })
  const last = chain('last')
    .needs({ first, other })
    .step(
      'use',
      async (context) => {
        const given: unknown[] = [context.needs.other]
        // in a few runs only
        if (read && lab.chance('read', context.idempotencyKey) < 0.1) given.push(context.needs.first)
        await lab.work(spread(lab, 100, context), context)
        return given.length
      },
      consumer,
    )
  return { chains: [first, other, last], starts: every(1000, 250, last) }
}

function repeated(
  lab: Lab,
  distinct: number,
  how: { pure?: boolean; mismatch?: number; ms?: number },
): Scenario {
  const { pure = true, mismatch = 0, ms = 200 } = how
  const c = chain<number>('c')
    .step(
      'resolve',
      async (context) => {
        await lab.work(spread(lab, ms, context), context)
        return context.input + (lab.chance('mismatch', context.idempotencyKey) < mismatch ? 1000 : 0)
      },
      { pure },
    )
    .step('use', work(lab, 50))
  return {
    chains: [c],
    starts: every(400, 800, c, (index) => ({ input: Math.floor(lab.chance('input', index) * distinct) })),
  }
}

function hotspot(lab: Lab, times: number, beside = false): Scenario {
  if (beside) {
    const c = chain('c')
      .step('a', work(lab, 50))
      .step('b', work(lab, 50))
      .parallel('both', {
        x: (b) => b.step('slow', work(lab, 50 * times, 0.05)),
        y: (b) => b.step('slow-too', work(lab, 50 * times, 0.05)),
      })
      .step('d', work(lab, 50))
    return { chains: [c], starts: every(5000, 80, c) }
  }
  const c = chain('c')
    .step('a', work(lab, 50))
    .step('b', work(lab, 50))
    .step('slow', work(lab, 50 * times))
    .step('d', work(lab, 50))
    .step('e', work(lab, 50))
  return { chains: [c], starts: every(5000, 80, c) }
}

export const planted: readonly Planted[] = [
  {
    kind: 'critical-hotspot',
    place: { chain: 'c', step: 'slow' },
    // times as long as each of the four others
    effects: [6, 8, 12],
    plant: (lab, times) => hotspot(lab, times),
    alike: {
      'one step in five that takes twice as long': (lab) => hotspot(lab, 2),
      'two long steps side by side, of which none alone holds up the run': (lab) => hotspot(lab, 12, true),
    },
  },
  {
    kind: 'false-dependency',
    place: { chain: 'last', edge: 'last<-first' },
    // ms that the upstream takes, where the consumer takes 100
    effects: [60, 100, 300],
    plant: (lab, ms) => edge(lab, ms, {}),
    alike: {
      'an output that one run in ten reads': (lab) => edge(lab, 300, { read: true }),
      'an upstream that may have an effect which nobody declares': (lab) => edge(lab, 300, { declare: {} }),
      'an upstream that writes what its consumer reads': (lab) =>
        edge(lab, 300, { declare: { writes: ['rows'] }, consumer: { reads: ['rows'] } }),
    },
  },
  {
    kind: 'timeout-too-tight',
    place: { chain: 'c', step: 'call' },
    // median of the calls (ms) under a timeout of 1,000 ms: 7, 13 and 24 % are cut off
    effects: [550, 640, 750],
    plant: (lab, ms) => timed(lab, { ms, timeout: 1000 }),
    alike: {
      'calls that hang, far beyond all that end': (lab) => timed(lab, { ms: 100, timeout: 700, hangs: 0.08 }),
      'a long tail that is cut off at its end': (lab) => timed(lab, { ms: 300, timeout: 1000 }),
    },
  },
  {
    kind: 'timeout-too-loose',
    place: { chain: 'c', step: 'call' },
    // timeout (ms) where calls take 100 ms
    effects: [3_000, 10_000, 30_000],
    plant: (lab, timeout) => timed(lab, { ms: 100, timeout, hangs: 0.03 }),
    alike: {
      'a long timeout of calls none of which hangs': (lab) => timed(lab, { ms: 100, timeout: 30_000 }),
      'calls of which a few take nearly as long as the timeout': (lab) => {
        const c = chain('c').step(
          'call',
          async (context: Context) => {
            const slow = lab.chance('slow', context.idempotencyKey) < 0.03
            const stuck = lab.chance('hangs', context.idempotencyKey, context.attempt) < 0.02
            await lab.work(stuck ? 1e9 : spread(lab, slow ? 2_000 : 100, context, 0.1), context)
          },
          { timeout: 4_000, attempts: 3 },
        )
        return { chains: [c], starts: every(500, 500, c) }
      },
    },
  },
  {
    kind: 'futile-retry',
    place: { chain: 'c', step: 'ask' },
    // share of the runs that fail so
    effects: [0.2, 0.4, 0.8],
    plant: (lab, failing) => retrying(lab, failing, 0),
    alike: {
      'retries of which one in three helps': (lab) => retrying(lab, 0.5, 0.33),
      'an outage, during which no retry helps': (lab) =>
        retrying(lab, 1, 0, (run) => run >= 200 && run < 320),
    },
  },
  {
    kind: 'under-concurrency',
    place: { chain: '' },
    // items side by side on four slots
    effects: [8, 12, 20],
    plant: (lab, width) => bottleneck(lab, () => width),
    alike: {
      'a resource behind the step that becomes slower with each user': (lab) =>
        bottleneck(lab, () => 12, { contended: true }),
      'slots that are enough': (lab) => bottleneck(lab, () => 4),
      'now and then a burst': (lab) => bottleneck(lab, (run) => (run % 30 === 0 ? 40 : 3)),
    },
  },
  {
    kind: 'under-concurrency',
    place: { chain: 'c', step: 'work' },
    // items of an `each` that has four places
    effects: [8, 12, 20],
    plant: (lab, width) => bottleneck(lab, () => width, { inFlight: 4, concurrency: 64 }),
    alike: {
      'items that make each other slower': (lab) =>
        bottleneck(lab, () => 12, { contended: true, inFlight: 4, concurrency: 64 }),
      'places that are enough': (lab) => bottleneck(lab, () => 4, { inFlight: 4, concurrency: 64 }),
    },
  },
  {
    kind: 'cacheable-step',
    place: { chain: 'c', step: 'resolve' },
    // ms that the step takes, where the other takes 50
    effects: [25, 100, 300],
    plant: (lab, ms) => repeated(lab, 40, { ms }),
    alike: {
      'a cache that would be wrong in one of a hundred': (lab) => repeated(lab, 40, { mismatch: 0.01 }),
      'a step that does not say it is pure': (lab) => repeated(lab, 40, { pure: false }),
      'inputs that hardly ever come again': (lab) => repeated(lab, 100_000, {}),
    },
  },
]
