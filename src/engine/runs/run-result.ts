// How a run ended, as whoever asked for it is told: data, its output, or an error that names every failure.

import type { ParkReason, RootFailure } from '../../journal/event.ts'
import { outputOf } from '../../journal/replay-run.ts'
import type { RunState } from '../../journal/run-state.ts'
import type { RunStatus } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Failure } from '../../kernel/failure.ts'

/**
 * A run that did not succeed, thrown by `run()` and `result()`: every failure that began it, and what each blocked.
 *
 * @example
 * ```ts
 * const risky = chain('risky').step('try', () => {
 *   throw new Error('no luck')
 * })
 * const supervisor = await createSupervisor({ chains: [risky] })
 * const error = await supervisor.run(risky).catch((thrown: unknown) => thrown)
 * if (error instanceof RunFailed) console.log(error.failures[0]?.failure.message) // no luck
 * await supervisor.stop()
 * ```
 */
export class RunFailed extends CatenaryError {
  readonly runId: string
  readonly status: 'failed' | 'cancelled'
  readonly failures: readonly RootFailure[]

  constructor(runId: string, status: 'failed' | 'cancelled', failures: readonly RootFailure[]) {
    super('RUN_FAILED', describe(runId, status, failures))
    this.runId = runId
    this.status = status
    this.failures = failures
  }
}

/** How a run ended. */
export type RunResult<R> =
  | { readonly status: 'succeeded'; readonly output: R }
  | { readonly status: 'failed' | 'cancelled'; readonly failures: readonly RootFailure[] }
  /** It has not ended: it stands still until a person acts. */
  | { readonly status: ParkReason; readonly detail: string; readonly cure: string }

/** Whether a run stands so that `settled()` has an answer: ended or parked. */
export function isEnd(status: RunStatus): boolean {
  return status !== 'running' && status !== 'waiting' && status !== 'paused'
}

/** The output of a run that succeeded; any other end is thrown. */
export function outputOrThrow<R>(id: string, result: RunResult<R>): R {
  if (result.status === 'succeeded') return result.output
  if ('failures' in result) throw new RunFailed(id, result.status, result.failures)
  const { status, detail, cure } = result
  throw new CatenaryError('RUN_PARKED', `run ${id} is parked as ${status}: ${detail}; to go on: ${cure}`)
}

export function resultOf<R>(state: RunState): RunResult<R> {
  const { ended, parked } = state
  if (ended === undefined && parked !== undefined) {
    return { status: parked.reason, detail: parked.detail, cure: parked.cure }
  }
  if (ended === undefined) throw new TypeError('the run has not ended')
  if (ended.status !== 'succeeded') return { status: ended.status, failures: ended.failures }
  const outputs = state.targets.map((key) => {
    const node = state.nodes.get(key)
    return [key, node === undefined ? undefined : outputOf(node)] as const
  })
  return { status: 'succeeded', output: (state.several ? Object.fromEntries(outputs) : outputs[0]?.[1]) as R }
}

function describe(runId: string, status: string, failures: readonly RootFailure[]): string {
  if (failures.length === 0) return `run ${runId} was ${status}`
  const lines = failures.map(({ chain, step, failure, blocked }) => {
    const at = step === undefined || step === '' ? chain : `${chain}, step ${step}`
    return `${at}: ${summary(failure)}${blocked.length === 0 ? '' : ` (blocks ${blocked.join(', ')})`}`
  })
  return `run ${runId} ${status === 'failed' ? 'failed' : 'was cancelled'}: ${lines.join('; ')}`
}

function summary({ kind, message }: Failure): string {
  return kind === 'thrown' ? message : `${kind}: ${message}`
}
