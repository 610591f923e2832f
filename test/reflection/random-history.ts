// A history of random graphs with contention: chains with needs, retries, timeouts, branches, items, limiters, calls.

import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import type { StepContext } from '../../src/definition/context.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { type Lab, type LabOptions, type Observed, createLab } from './lab.ts'

type Context = Pick<StepContext, 'signal' | 'runId' | 'attempt' | 'idempotencyKey'>

/** Works for a time drawn by the attempt's name; fails sometimes. */
function worker(lab: Lab, mean: number, failing: number) {
  return async (context: Context): Promise<number> => {
    const name = [context.idempotencyKey, context.attempt]
    const ms = Math.round(mean * (0.3 - Math.log(1 - lab.chance('ms', ...name))))
    await lab.work(1 + ms, context)
    if (lab.chance('fails', ...name) < failing) throw new Error('broken')
    return ms
  }
}

export interface RandomHistory {
  readonly chains: readonly AnyChain[]
  readonly observe: (options?: LabOptions) => Promise<Observed>
}

export function randomChains(seed: number): RandomHistory {
  const random = createRandom(seed)
  const lab = createLab(seed)
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1))
  const api = limiter('api', { inFlight: 1 })
  const chains: AnyChain[] = []
  const called = chain<number>('called').step('inner', worker(lab, 40, 0))
  for (let index = 0; index < 6; index++) {
    const needs = Object.fromEntries(
      chains.filter(() => random() < 0.45).map((one, at) => [`n${at}`, one as ReturnType<typeof chain>]),
    )
    let c: ReturnType<typeof chain> = chain(`c${index}`)
    if (Object.keys(needs).length > 0) c = c.needs(needs as never) as never
    c = c.step('first', worker(lab, whole(20, 120), 0.1), { attempts: 4, backoff: { initial: 50 } }) as never
    if (random() < 0.4)
      c = c.parallel('both', {
        a: (b) => b.step('left', worker(lab, whole(20, 90), 0)),
        b: (b) => b.step('right', worker(lab, whole(20, 90), 0.02)).step('more', worker(lab, 30, 0)),
      }) as never
    if (random() < 0.4)
      c = c.each(
        'items',
        () => [1, 2, 3, 4, 5, 6],
        async (_: unknown, context: Context) => worker(lab, 30, 0.05)(context),
        {
          inFlight: whole(1, 3),
          attempts: 3,
          backoff: { initial: 20 },
        },
      ) as never
    if (index === 1 || random() < 0.5) c = c.step('limited', worker(lab, 40, 0), { limit: api }) as never
    if (random() < 0.3) c = c.call('sub', called, () => 1) as never
    if (random() < 0.3) c = c.sleep('pause', whole(20, 200)) as never
    c = c.step('last', worker(lab, whole(20, 200), 0), {
      attempts: 3,
      timeout: 700,
      backoff: { initial: 30 },
    }) as never
    chains.push(c)
  }
  const all = [...chains, called]
  let at = 0
  const starts = Array.from({ length: 60 }, () => {
    at += Math.round(-500 * Math.log(1 - random()))
    const targets = random() < 0.5 ? [chains[5] as AnyChain] : [chains[whole(2, 5)] as AnyChain]
    return { at, targets, priority: whole(0, 1) }
  })
  return {
    chains: all,
    observe: async (options = {}) =>
      lab.observe(all, starts, {
        concurrency: 4,
        ...options,
      }),
  }
}

export async function randomHistory(seed: number, options?: LabOptions): Promise<Observed> {
  return randomChains(seed).observe(options)
}
