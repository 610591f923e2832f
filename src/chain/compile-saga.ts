// Compiles what undoes a chain: the states in which it compensates, and the effects that those invoke.

import { compensatingState, endingState, keptState, undoOf } from '../../machines/compensating.ts'
import type { ChainContext, State, Undo } from '../../machines/state.ts'
import type { Compensated } from '../definition/compiled-chain.ts'
import type { Undoable } from '../definition/compensation.ts'
import type { EffectSpec } from '../execution/effect.ts'
import { recoverUndo } from '../execution/recovery.ts'

/** The states that only a chain with compensations has. */
export function sagaStates(root: string, undoables: readonly Undoable[]): Readonly<Record<string, State>> {
  const shapes = undoables.map(({ name, compensation }) => ({
    step: name,
    by: compensation === undefined ? ('chain' as const) : ('function' as const),
  }))
  return {
    ending: endingState(root),
    kept: keptState(root),
    compensating: compensatingState(root, shapes),
    undone: { type: 'final', output: ({ context }) => ({ status: 'undone', ...compensated(context) }) },
  }
}

/** @param concluding whether the chain's output is a decision of its own. */
export function compensationEffects(
  undoables: readonly Undoable[],
  outputOf: (context: ChainContext) => unknown,
  concluding: boolean,
): readonly EffectSpec[] {
  const names = new Set(undoables.map(({ name }) => name))
  const can = ({ step }: Undo): boolean => names.has(step)
  return [
    { kind: 'settling', id: 'compensating:settling', steps: [] },
    {
      kind: 'decision',
      id: 'compensating:plan',
      decide: ({ started }) => started?.undos().filter(can) ?? [],
    },
    { kind: 'stuck', id: 'compensating:stuck' },
    { kind: 'kept', id: 'kept', output: concluding ? ({ output }) => output : outputOf },
    ...undoables.flatMap(ofUndoable),
  ]
}

/** How far a chain was undone when it ended. */
export function compensated({ plan = [], undone = 0 }: ChainContext): Compensated {
  if (plan.length === 0) return {}
  const done = plan.slice(0, undone)
  return undone === plan.length
    ? { compensated: done }
    : { compensated: done, uncompensated: plan.slice(undone) }
}

function ofUndoable({ name, compensation, items }: Undoable): readonly EffectSpec[] {
  const id = undoOf(name)
  if (compensation === undefined) return [{ kind: 'undo-call', id, step: name }]
  const { body, options } = compensation
  return [
    { kind: 'compensation', id, step: name, items, body, options },
    {
      kind: 'decision',
      id: `${id}:recovery`,
      decide: ({ context, clock, tune }) => recoverUndo(id, tune?.(id, options) ?? options, context, clock),
    },
  ]
}
