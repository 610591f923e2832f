// One name for an attempt, whether it is met as a call of its function or as an event of its run.

import type { StepContext } from '../../definition/context.ts'
import type { JournalEvent } from '../../journal/event.ts'

const undoing = ':compensation'

/** Of a call: what undoes a step has the idempotency key of that. */
export function keyOfCall(
  step: string,
  { idempotencyKey, attempt }: Pick<StepContext, 'idempotencyKey' | 'attempt'>,
): string {
  return `${idempotencyKey}#${attempt}${step.endsWith(undoing) ? undoing : ''}`
}

/** Of an event; undefined where that is about no attempt. */
export function keyOfEvent(event: JournalEvent): string | undefined {
  if (!('attempt' in event)) return undefined
  const { run, chain, step, item, attempt } = event
  const undoes = step.endsWith(undoing)
  const owner = undoes ? step.slice(0, -undoing.length) : step
  return `${run}/${chain}/${owner}${item === undefined ? '' : `/${item}`}#${attempt}${undoes ? undoing : ''}`
}
