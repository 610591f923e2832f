// The actions and guards that every chain's machine is built from: pure, and reading recorded data only.

import { assign } from 'xstate'
import { undoOf, undoing } from './compensating.ts'
import type { ChainContext, FailureLike, Undo } from './state.ts'

interface Event {
  readonly type: string
  readonly output?: unknown
  readonly error?: unknown
  readonly step?: string
  /** Why a chain is cancelled, where that is a failure. */
  readonly failure?: FailureLike
}

interface Args {
  readonly context: ChainContext
  readonly event: Event
}

/** What a `recovery` decision says comes next. */
export interface RecoveryVerdict {
  readonly next: 'retry' | 'fallback' | 'fail'
  /** When the next attempt may start (ms since the epoch), for `retry`. */
  readonly due?: number
}

interface OfStep {
  readonly step: string
}

const without = <T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))

const bump = (record: Readonly<Record<string, number>>, name: string): Record<string, number> => ({
  ...record,
  [name]: (record[name] ?? 0) + 1,
})

const change = <P>(update: (args: Args, params: P) => Partial<ChainContext>) =>
  assign((args: Args, params: P) => update(args, params))

/** What a step may record; each names the one thing that it changes. */
export const chainActions = {
  keepOutput: change<OfStep>(({ context, event }, { step }) => ({
    steps: { ...context.steps, [step]: event.output },
  })),
  hold: change<{ name: string }>(({ context, event }, { name }) => ({
    held: { ...context.held, [name]: event.output },
  })),
  keepBranches: change<{ step: string; branches: Readonly<Record<string, string | null>> }>(
    ({ context }, { step, branches }) => ({
      steps: {
        ...context.steps,
        [step]: Object.fromEntries(
          Object.entries(branches).map(([name, last]) => [
            name,
            last === null ? undefined : context.steps[last],
          ]),
        ),
      },
    }),
  ),
  copyOutput: change<{ step: string; from: string | null }>(({ context }, { step, from }) => ({
    steps: { ...context.steps, [step]: from === null ? undefined : context.steps[from] },
  })),
  keepFailure: change<OfStep>(({ context, event }, { step }) => ({
    tries: bump(context.tries, step),
    failures: { ...context.failures, [step]: failureLike(event.error) },
    failedStep: step,
  })),
  blame: change<OfStep & { failure: FailureLike }>(({ context }, { step, failure }) => ({
    failures: { ...context.failures, [step]: failure },
    failedStep: step,
  })),
  keepReason: change<OfStep>(({ context, event }, { step }) => ({
    failures: {
      ...context.failures,
      [step]: { kind: 'failed', message: String(event.output), retryable: false } as FailureLike,
    },
    failedStep: step,
  })),
  breakBranch: change<{ name: string }>(({ context }, { name }) => ({
    broken: { ...context.broken, [name]: true },
  })),
  countLost: change<OfStep>(({ context }, { step }) => ({
    tries: bump(context.tries, step),
    lost: bump(context.lost, step),
  })),
  keepDue: change<{ timer: string }>(({ context, event }, { timer }) => ({
    due: { ...context.due, [timer]: dueIn(event.output) },
  })),
  nextRound: change<{ name: string; steps: readonly string[] }>(({ context }, { name, steps }) => ({
    // loops inside begin with their first round again
    rounds: { ...without(context.rounds, steps), [name]: (context.rounds[name] ?? 1) + 1 },
    tries: without(context.tries, steps),
    lost: without(context.lost, steps),
  })),
  keepCut: change<Record<string, never>>(({ context, event: { failure } }) =>
    failure === undefined
      ? { end: 'cancelled' }
      : { failures: { ...context.failures, '': failure }, failedStep: '' },
  ),
  keepEnd: change<{ end: 'undone' }>((_, { end }) => ({ end })),
  keepPlan: change<Record<string, never>>(({ event }) => ({
    plan: event.output as readonly Undo[],
    undone: 0,
  })),
  keepUndone: change<Record<string, never>>(({ context }) => ({
    ...triesForgotten(context),
    undone: (context.undone ?? 0) + 1,
  })),
  keepUndoFailure: change<OfStep>(({ context, event }, { step }) => ({
    tries: bump(context.tries, step),
    failures: { ...context.failures, [step]: failureLike(event.error) },
  })),
  forgetTries: change<Record<string, never>>(({ context }) => triesForgotten(context)),
  keepResult: change<Record<string, never>>(({ event }) => ({ output: event.output })),
}

/** What a transition may depend on: a decision that was recorded, or whose event it is. */
export const chainGuards = {
  isStep: ({ event }: Args, params: OfStep): boolean => event.step === params.step,
  recovers: ({ event }: Args, params: { next: RecoveryVerdict['next'] }): boolean =>
    (event.output as RecoveryVerdict | undefined)?.next === params.next,
  chose: ({ event }: Args, params: { branch: number }): boolean => event.output === params.branch,
  broke: ({ context }: Args, params: { name: string }): boolean => context.broken[params.name] === true,
  isCalled: ({ context }: Args): boolean => context.called === true,
  undoes: ({ context }: Args, { step }: OfStep): boolean => undoing(context)?.step === step,
  endsAs: ({ context }: Args, { end }: { end: string }): boolean => context.end === end,
  decided: ({ event }: Args, params: { value: unknown }): boolean => event.output === params.value,
}

/** The next item of a step, or the next try of a person, begins anew. */
function triesForgotten(context: ChainContext): Partial<ChainContext> {
  const undo = undoing(context)
  if (undo === undefined) return {}
  const of = [undoOf(undo.step)]
  return {
    tries: without(context.tries, of),
    lost: without(context.lost, of),
    failures: without(context.failures, of),
  }
}

function dueIn(output: unknown): number {
  if (typeof output === 'number') return output
  return (output as RecoveryVerdict).due ?? 0
}

function failureLike(error: unknown): FailureLike {
  if (typeof error === 'object' && error !== null && 'kind' in error && 'message' in error) {
    return error as FailureLike
  }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'thrown', message, ...(error instanceof Error ? { name: error.name } : {}) }
}
