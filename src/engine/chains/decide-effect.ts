// Makes a decision that a live chain's machine asked for, under the config of now, and records it before the machine goes on.

import type { StepOptionsSpec } from '../../definition/spec.ts'
import { decideNow } from '../../execution/decide.ts'
import type { Effect } from '../../execution/effect.ts'
import { takeReads, watched } from '../../execution/needs-reads.ts'
import type { Started } from '../../journal/started.ts'
import { toPayload } from '../payloads.ts'
import { callerOf } from './chain-calls.ts'
import type { ChainParent } from './chain-parent.ts'

/** @param chain its key in the run, the chain's id, whether it needs others, what has begun that can be undone. */
export function decideEffect(
  parent: Pick<ChainParent, 'services' | 'record' | 'arm' | 'runId'>,
  chain: {
    readonly key: string
    readonly of: string
    readonly needy: boolean
    readonly started?: Started | undefined
  },
  effect: Effect,
): void {
  const { spec, id, input } = effect
  if (spec.kind !== 'decision') return
  const { clock, config, rehearsal } = parent.services
  const tune = (step: string, options: StepOptionsSpec): StepOptionsSpec =>
    config.tune(chain.of, step, options, parent.arm)
  const recorded = effect.context()
  const context = chain.needy ? { ...recorded, needs: watched(recorded.needs) } : recorded
  const decided = decideNow(spec, { context, input, clock, tune, started: chain.started })
  const named = callerOf(chain.key, effect)
  const value = decided.ok ? decided.value : undefined
  const stored = decided.ok
    ? toPayload(
        rehearsal === undefined ? value : rehearsal.decided(parent.runId, named, value),
        Infinity,
        `decision "${id}" of chain "${chain.key}"`,
      )
    : decided
  if (!stored.ok) {
    parent.record({ type: 'decision.failed', ...named, failure: stored.failure })
    return effect.fail(stored.failure)
  }
  const { payload } = stored
  const read = chain.needy ? takeReads(recorded.needs) : undefined
  parent.record({
    type: 'decision.made',
    ...named,
    ...(payload === undefined ? {} : { payload }),
    ...(read === undefined ? {} : { read }),
  })
  effect.succeed(stored.value)
}
