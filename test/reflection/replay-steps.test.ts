// Without others in its way, a run takes in the simulation what it took, to the millisecond, whatever its steps are.

import { describe, expect, test } from 'vitest'
import { assign, fromPromise, setup } from 'xstate'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { optional } from '../../src/chain/edge.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import type { StepContext } from '../../src/definition/context.ts'
import { simulate } from '../../src/reflection/simulate/simulate.ts'
import { type Lab, type Start, createLab } from './lab.ts'

type Context = Pick<StepContext, 'signal' | 'attempt' | 'idempotencyKey'>

const drawn = (lab: Lab, context: Context): number =>
  5 + Math.floor(lab.chance('ms', context.idempotencyKey, context.attempt) * 200)

const work = (lab: Lab) => async (context: Context) => lab.work(drawn(lab, context), context)

const works = (lab: Lab, fails: (context: Context) => boolean) => async (context: Context) => {
  await lab.work(drawn(lab, context), context)
  if (fails(context)) throw new Error('broken')
}

const half = (lab: Lab, { idempotencyKey, attempt }: Context): boolean =>
  lab.chance('half', idempotencyKey, attempt) < 0.5

interface Case {
  readonly chains: readonly AnyChain[]
  readonly start?: (run: number) => Partial<Start>
}

const cases: Readonly<Record<string, (lab: Lab) => Case>> = {
  'branches of which one fails, and cuts the other off': (lab) => {
    const c = chain('c')
      .step('a', work(lab))
      .parallel('both', {
        x: (b) =>
          b.step(
            'bad',
            works(lab, (context) => half(lab, context)),
          ),
        y: (b) => b.step('long', work(lab)).step('longer', work(lab)),
      })
      .step('b', work(lab))
    return { chains: [c] }
  },
  'branches that wait for each other, whoever fails': (lab) => {
    const c = chain('c').parallel(
      'both',
      {
        x: (b) =>
          b.step(
            'bad',
            works(lab, (context) => half(lab, context)),
          ),
        y: (b) => b.step('long', work(lab)).step('longer', work(lab)),
      },
      { onFailure: 'wait' },
    )
    return { chains: [c] }
  },
  'a choice between two ways': (lab) => {
    const c = chain<number>('c')
      .choose('way', (x) =>
        x
          .when(
            ({ input }) => input % 2 === 0,
            (b) => b.step('even', work(lab)).step('more', work(lab)),
          )
          .otherwise((b) => b.step('odd', work(lab))),
      )
      .step('end', work(lab))
    return { chains: [c], start: (input) => ({ input }) }
  },
  'rounds until it is enough': (lab) => {
    const c = chain<number>('c')
      .repeat('rounds', (b) => b.step('try', work(lab)).step('look', work(lab)), {
        until: ({ round, input }) => round > input % 3,
        max: 5,
      })
      .step('end', work(lab))
    return { chains: [c], start: (input) => ({ input }) }
  },
  'rounds of nothing but sleeps and calls': (lab) => {
    const inner = chain('inner').step('a', work(lab))
    const c = chain<number>('c')
      .repeat('naps', (b) => b.sleep('rest', 30), { until: ({ round, input }) => round > input % 3, max: 5 })
      .repeat('calls', (b) => b.call('one', inner), {
        until: ({ round, input }) => round > input % 2,
        max: 5,
      })
      .step('end', work(lab))
    return { chains: [c, inner], start: (input) => ({ input }) }
  },
  'a choice in each of several rounds': (lab) => {
    const c = chain<number>('c').repeat(
      'rounds',
      (b) =>
        b
          .step('look', async (context) => {
            await lab.work(drawn(lab, context), context)
            return half(lab, context)
          })
          .choose('way', (x) =>
            x
              .when(
                ({ steps }) => steps.look,
                (one) => one.step('yes', work(lab)),
              )
              .otherwise((one) => one.sleep('no', 33)),
          ),
      { until: ({ round, input }) => round > input % 3, max: 5 },
    )
    return { chains: [c], start: (input) => ({ input }) }
  },
  'no items, and a failure after them': (lab) => {
    const c = chain<number>('c')
      .each(
        'items',
        ({ input }) => (input % 2 === 0 ? [] : [1]),
        async (_: unknown, context: Context) => work(lab)(context),
      )
      .step(
        'bad',
        works(lab, (context) => half(lab, context)),
      )
    return { chains: [c], start: (input) => ({ input }) }
  },
  'signals that do not come in time': (lab) => {
    const c = chain('c')
      .wait('hurry', undefined, { timeout: 60, onTimeout: 'continue' })
      .step('a', work(lab))
      .wait('go', undefined, { timeout: 150 })
      .step('b', work(lab))
    return { chains: [c], start: (run) => ({ signals: { go: 80 + 25 * run, hurry: 10 * run } }) }
  },
  'a signal that comes when it comes, before or after it is waited for': (lab) => {
    const c = chain('c').step('a', work(lab)).wait('go').step('b', work(lab))
    return { chains: [c], start: (run) => ({ signals: { go: 20 + 30 * run } }) }
  },
  'sleeps, and retries with their waits': (lab) => {
    const c = chain('c')
      .sleep('rest', 77)
      .step(
        'flaky',
        works(lab, (context) => context.attempt < 3 && half(lab, context)),
        {
          attempts: 3,
          backoff: { initial: 40 },
        },
      )
    return { chains: [c] }
  },
  'timeouts, with a fallback once all attempts are spent': (lab) => {
    const c = chain('c')
      .step('slow', work(lab), { timeout: 80, attempts: 2, backoff: { initial: 10 }, fallback: work(lab) })
      .step('end', work(lab))
    return { chains: [c] }
  },
  'items in few places, some of which fail': (lab) => {
    const c = chain('c').each(
      'items',
      () => [1, 2, 3, 4, 5, 6, 7],
      async (_: unknown, context: Context) => works(lab, (of) => of.attempt === 1 && half(lab, of))(context),
      { inFlight: 2, attempts: 2, backoff: { initial: 30 } },
    )
    return { chains: [c] }
  },
  'chains that are called, one for each item and one by itself': (lab) => {
    const inner = chain<number>('inner').step('a', work(lab)).step('b', work(lab))
    const c = chain('c')
      .each('items', () => [1, 2, 3, 4], inner, { inFlight: 2 })
      .call('one', inner, () => 9)
      .step('end', work(lab))
    return { chains: [c, inner] }
  },
  'what was begun is undone where it fails': (lab) => {
    const c = chain('c')
      .step('a', work(lab), { compensate: work(lab) })
      .step('b', work(lab), { compensate: work(lab) })
      .step(
        'bad',
        works(lab, (context) => half(lab, context)),
      )
    return { chains: [c] }
  },
  'needs of each kind and rule': (lab) => {
    const a = chain('a').step('x', work(lab))
    const b = chain('b').step(
      'x',
      works(lab, (context) => half(lab, context)),
    )
    const first = chain('first').needs({ a, b }, { when: 'one_success' }).step('x', work(lab))
    const all = chain('all').needs({ a, b }, { when: 'all_done' }).step('x', work(lab))
    const c = chain('c')
      .needs({ first, all, maybe: optional(b) })
      .step('x', work(lab))
    return { chains: [a, b, first, all, c] }
  },
  "a machine of the user's own": (lab) => {
    const machine = setup({
      types: { context: {} as { readonly n: number } },
      actors: { think: fromPromise(async ({ signal }) => lab.work(60, { signal })) },
    }).createMachine({
      context: { n: 0 },
      initial: 'thinking',
      states: {
        thinking: { invoke: { src: 'think', onDone: { target: 'resting', actions: assign({ n: 1 }) } } },
        resting: { after: { 40: 'again' } },
        again: { invoke: { src: 'think', onDone: 'done' } },
        done: { type: 'final' },
      },
    })
    return { chains: [fromMachine('c', machine)] }
  },
}

describe('a run by itself', () => {
  test.for(Object.entries(cases))('takes what it took: %s', async ([, make]) => {
    const lab = createLab(1)
    const { chains, start } = make(lab)
    const target = chains.find(({ id }) => id === 'c') as AnyChain
    const starts = Array.from({ length: 12 }, (_, run) => ({
      at: 10_000 * run,
      targets: [target],
      ...start?.(run),
    }))
    const { records, declaration, recorded } = await lab.observe(chains, starts)
    const replayed = simulate({ records, declaration, recorded })
    expect(records).toHaveLength(12)
    for (const { run, acceptedAt, endedAt = 0, status, chains: of } of records) {
      const attempts = [...of.values()].flatMap((one) => one.attempts)
      expect({ run, ...replayed?.get(run) }).toMatchObject({
        run,
        duration: endedAt - acceptedAt,
        failed: status === 'failed',
        attempts: attempts.filter(({ part, startedAt }) => part === undefined && startedAt !== undefined)
          .length,
      })
    }
  })

  test('waits for a signal until it came, however early it comes to wait', async () => {
    const lab = createLab(1)
    const c = chain('c').step('a', work(lab)).wait('go').step('b', work(lab))
    const starts = Array.from({ length: 12 }, (_, run) => ({
      at: 10_000 * run,
      targets: [c],
      signals: { go: 300 },
    }))
    const { records, declaration, recorded } = await lab.observe([c], starts)
    const faster = simulate({ records, declaration, recorded }, { pace: new Map([['c/a', 0]]) })
    for (const { run, acceptedAt, endedAt = 0 } of records)
      expect(faster?.get(run)?.duration, run).toBe(endedAt - acceptedAt)
  })
})
