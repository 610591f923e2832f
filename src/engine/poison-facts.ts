// What the journal and people are told of an input that failed too often.

import type { Fact, PastFailure, RootFailure } from '../journal/event.ts'

/** Most characters of a failure's message that are kept with a count. */
const longestMessage = 200

export function shortOf(run: string, at: number, root: RootFailure | undefined): PastFailure {
  const { chain = '', step, failure } = root ?? {}
  const message = (failure?.message ?? 'unknown').slice(0, longestMessage).toWellFormed()
  return { run, at, chain, ...(step === undefined || step === '' ? {} : { step }), message }
}

/** Parks a run before anything of it has begun. */
export function poisonedFact(
  chain: string,
  { failures, last }: { readonly failures: number; readonly last: readonly PastFailure[] },
): Extract<Fact, { type: 'run.parked' }> {
  const told = last.map(
    ({ run, step, message, ...at }) =>
      `run ${run} at ${step === undefined ? `chain ${at.chain}` : `step ${step} of chain ${at.chain}`} with "${message}"`,
  )
  const times = failures === 1 ? 'once' : `${failures} times in a row`
  const which = failures > last.length ? `, last ${told.join(', ')}` : `: ${told.join(', ')}`
  return {
    type: 'run.parked',
    reason: 'dead-letter',
    detail: `chain "${chain}" failed ${times} with this input${which}`,
    cure: 'mend the input or the chain, then retry the run, which tries it for real, or cancel it',
    failed: [...last],
  }
}
