// Starts a run and waits for its end, the same for whoever executes, is a client, or stands by.

import type { StartOptions, Target } from '../supervisor.ts'
import type { Run } from './run.ts'
import type { RunResult } from './run-result.ts'

type Start<R> = (target: Target, input?: unknown, given?: StartOptions) => Promise<R>
type Started = Run<never, { readonly type: string }>

export function toTheEnd(start: Start<Started>): {
  readonly run: Start<never>
  readonly settled: Start<RunResult<never>>
} {
  return {
    run: async (target, input, given) => (await start(target, input, given)).result(),
    settled: async (target, input, given) => (await start(target, input, given)).settled(),
  }
}
