// Makes a decision that a live chain's machine asked for, under the config of now, and records it before the machine goes on.

import type { StepOptionsSpec } from '../../definition/spec.ts'
import { decideNow } from '../../execution/decide.ts'
import type { Effect } from '../../execution/effect.ts'
import type { Started } from '../../journal/started.ts'
import { toPayload } from '../payloads.ts'
import { callerOf } from './chain-calls.ts'
import type { ChainParent } from './chain-parent.ts'

/** @param chain its key in the run, the chain's id, and what has begun in it that can be undone. */
export function decideEffect(
  parent: Pick<ChainParent, 'services' | 'record'>,
  chain: { readonly key: string; readonly of: string; readonly started?: Started | undefined },
  effect: Effect,
): void {
  const { spec, id, input } = effect
  if (spec.kind !== 'decision') return
  const { clock, config } = parent.services
  const tune = (step: string, options: StepOptionsSpec): StepOptionsSpec =>
    config.tune(chain.of, step, options)
  const decided = decideNow(spec, { context: effect.context(), input, clock, tune, started: chain.started })
  const stored = decided.ok
    ? toPayload(decided.value, Infinity, `decision "${id}" of chain "${chain.key}"`)
    : decided
  const named = callerOf(chain.key, effect)
  if (!stored.ok) {
    parent.record({ type: 'decision.failed', ...named, failure: stored.failure })
    return effect.fail(stored.failure)
  }
  const { payload } = stored
  parent.record({ type: 'decision.made', ...named, ...(payload === undefined ? {} : { payload }) })
  effect.succeed(stored.value)
}
