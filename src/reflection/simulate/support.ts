// What recorded runs can say something about: a question beyond that is refused, with the reason.

import type { AttemptRecord } from '../../observe/run-record.ts'
import type { Tunables } from '../tunables.ts'
import { declaredLimiters, declaredSteps } from '../tunables.ts'
import { serviceOf } from './draws.ts'
import type { History } from './simulate.ts'

/** So many runs at least. */
const fewestRuns = 30
/** How far from what was seen. */
const furthest = 2
/** So many calls at least that took longer than a timeout, before anything is said of a longer one. */
const fewestProbes = 10

/** @returns why nothing can be said of `next`; undefined where something can. */
export function beyondSupport(history: History, next: Tunables): string | undefined {
  const { records, recorded, declaration } = history
  if (records.length < fewestRuns)
    return `only ${records.length} runs are recorded under this config: ${fewestRuns} are needed`
  const attempts = [...attemptsIn(history)]
  let seen = 1
  for (const { attempt } of attempts) seen = Math.max(seen, attempt.inFlight)
  if (next.concurrency !== recorded.concurrency && next.concurrency > furthest * seen)
    return `a concurrency of ${next.concurrency} is more than ${furthest} times the ${seen} attempts that were ever in flight`
  const limiters = declaredLimiters(declaration)
  for (const [id, terms] of Object.entries(next.limiters)) {
    if (terms.inFlight === recorded.limiters[id]?.inFlight) continue
    const before = recorded.limiters[id]?.inFlight ?? limiters.get(id)?.inFlight
    if (!limiters.has(id)) return `limiter "${id}" has lines by keys, which the records do not tell apart`
    if (before === undefined || before === null) return `limiter "${id}" had no limit of that sort`
    if ((terms.inFlight ?? Infinity) > furthest * before)
      return `limiter "${id}" let ${before} through at once: more than ${furthest} times that was never seen`
  }
  const declared = declaredSteps(declaration)
  for (const [place, tuning] of Object.entries(next.steps)) {
    const before = recorded.steps[place] ?? {}
    const [chain = '', step = ''] = place.split('/')
    const told = declared.step(chain, step)
    const own = attempts.filter(({ at }) => at === place).map(({ attempt }) => attempt)
    const longer = tuning.timeout ?? Infinity
    const shorter = before.timeout ?? told?.timeout ?? Infinity
    const cut = own.some(({ failure }) => failure?.kind === 'timeout')
    const probes = own.filter((one) => (serviceOf(one)?.ms ?? 0) > shorter).length
    if (longer > shorter && cut && probes < fewestProbes)
      return `step "${place}" was never seen to take longer than its timeout of ${shorter} ms: nobody knows whether what was cut off would have ended`
    const items = before.inFlight ?? told?.inFlight
    if (tuning.inFlight !== undefined && items !== undefined && tuning.inFlight > furthest * items)
      return `step "${place}" had ${items} items at once: more than ${furthest} times that was never seen`
    if (
      tuning.memo !== undefined &&
      own.some((one) => one.outcome === 'succeeded' && one.inputHash === undefined)
    )
      return `what step "${place}" was given is not recorded for all of its attempts`
  }
  return undefined
}

function* attemptsIn({
  records,
}: History): Generator<{ readonly at: string; readonly attempt: AttemptRecord }> {
  for (const { chains } of records)
    for (const { chain, attempts } of chains.values())
      for (const attempt of attempts)
        if (attempt.part === undefined) yield { at: `${chain}/${attempt.step}`, attempt }
}
