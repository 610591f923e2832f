// What a step that takes a signal replies: a decision over recorded data, made in the turn that delivers the signal.

import { decideNow } from '../../execution/decide.ts'
import type { Effect } from '../../execution/effect.ts'
import { watched } from '../../execution/needs-reads.ts'
import { type Stored, toPayload } from '../payloads.ts'
import type { Services } from '../services.ts'

/** @returns undefined where the step gives none. */
export function replyTo(
  effect: Effect | undefined,
  signal: unknown,
  { clock, limits }: Pick<Services, 'clock' | 'limits'>,
): Stored | undefined {
  if (effect?.spec.kind !== 'signal') return undefined
  const { id, reply } = effect.spec
  if (reply === undefined) return undefined
  const recorded = effect.context()
  const decided = decideNow(
    { kind: 'decision', id: `${id}:reply`, decide: ({ context }) => reply(context, signal) },
    { context: { ...recorded, needs: watched(recorded.needs) }, input: effect.input, clock },
  )
  return decided.ok ? toPayload(decided.value, limits.maxPayload, `reply of step "${id}"`) : decided
}
