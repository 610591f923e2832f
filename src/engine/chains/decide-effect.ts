// Makes a decision that a live chain's machine asked for, under the config of now, and encodes it as it will be recorded.

import type { StepOptionsSpec } from '../../definition/spec.ts'
import { decideNow } from '../../execution/decide.ts'
import type { Effect } from '../../execution/effect.ts'
import type { Started } from '../../journal/started.ts'
import type { ChainParent } from './chain-parent.ts'
import { type Stored, toPayload } from '../payloads.ts'

/** @param chain its key in the run, the chain's id, and what has begun in it that can be undone. */
export function decideEffect(
  { services }: Pick<ChainParent, 'services'>,
  chain: { readonly key: string; readonly of: string; readonly started?: Started | undefined },
  effect: Effect,
): Stored {
  const { spec, id, input } = effect
  if (spec.kind !== 'decision') throw new TypeError('not a decision')
  const { clock, config } = services
  const tune = (step: string, options: StepOptionsSpec): StepOptionsSpec =>
    config.tune(chain.of, step, options)
  const decided = decideNow(spec, { context: effect.context(), input, clock, tune, started: chain.started })
  return decided.ok ? toPayload(decided.value, Infinity, `decision "${id}" of chain "${chain.key}"`) : decided
}
