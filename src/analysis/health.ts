// Whether each chain does what it is for: from its last executions, with why, how sure, and nothing green without proof.

import { betaCdf } from '../statistics/beta.ts'
import { wilson } from '../statistics/proportion.ts'
import { burnsOf } from './burn.ts'
import { intervalOf, roundedShare } from './percentiles.ts'
import type { Objective } from '../definition/objective.ts'
import type { ChainHealth } from './report-times.ts'
import type { HealthState } from './figures.ts'
import type { Scene } from './scene.ts'
import type { Slices } from './slices.ts'
import type { Execution, Survey } from './survey.ts'

/** The share of executions that may fail, where no objective says. */
const usuallyAllowed = 0.05
/** Executions that the two windows hold. */
const short = 20
const long = 200

export function* healthOf({ survey, chains, declared }: Scene): Slices<readonly ChainHealth[]> {
  const found: ChainHealth[] = []
  for (const chain of chains) {
    found.push(healthOfChain(chain, survey, declared.get(chain)?.slo))
    yield
  }
  return found.toSorted(
    (a, b) => severity.indexOf(a.state) - severity.indexOf(b.state) || (a.chain < b.chain ? -1 : 1),
  )
}

/** How it stands by its executions alone, the oldest first: true of each that failed. */
export function standingOf(verdicts: readonly boolean[]): {
  readonly state: HealthState
  readonly cause: string
} {
  const seen = verdicts.slice(-long)
  const failed = seen.filter(Boolean).length
  return stateOf({ verdicts, allowed: usuallyAllowed, failed, n: seen.length, blocked: undefined })
}

const severity: readonly HealthState[] = ['failing', 'degraded', 'unknown', 'ok']

function healthOfChain(chain: string, survey: Survey, slo: Objective | undefined): ChainHealth {
  const all = survey.ended.get(chain) ?? []
  // what never ran, did so in another run, or was stopped by a person, says nothing of how well it does
  const judged = all.filter(
    ({ chain: { status, memo, copied } }) =>
      (status === 'succeeded' || status === 'failed') && !memo && copied !== 'ended',
  )
  const allowed = slo?.success === undefined ? usuallyAllowed : 1 - slo.success
  const verdicts = judged.map((one) => isBad(one, slo))
  const seen = judged.slice(-long)
  const failed = verdicts.slice(-long).filter(Boolean).length
  const bounds = wilson(failed, seen.length)
  const root = rootOf(seen)
  const evidence = {
    runs: seen.length,
    failed,
    window: seen[0] === undefined ? 0 : Math.max(0, survey.now - (seen[0].chain.endedAt ?? survey.now)),
    low: roundedShare(bounds?.low ?? 0),
    high: roundedShare(bounds?.high ?? 1),
    ...(root === undefined ? {} : { root }),
  }
  const burn = slo === undefined ? undefined : burnsOf(judged, verdicts, { allowed, now: survey.now })
  const burning = burn?.find((one) => one.burning && one.rate >= 6)
  const { state, cause } = stateOf({ verdicts, allowed, failed, n: seen.length, blocked: blockedIn(all) })
  const stands = burning !== undefined && (state === 'ok' || state === 'unknown') ? 'degraded' : state
  const met = wilson(seen.length - failed, seen.length)
  return {
    chain,
    state: stands,
    cause: stands === state ? cause : `it uses up its error budget ${burning?.rate} times too fast`,
    evidence,
    confidence: stands === 'unknown' ? 0 : confidenceOf(stands, { failed, n: seen.length, allowed }),
    ...(slo === undefined
      ? {}
      : { slo: { ...slo, ...(met === undefined ? {} : { met: intervalOf(met) }), burn: burn ?? [] } }),
  }
}

/** It failed, or took longer than it promised. */
function isBad({ run, chain }: Execution, slo: Objective | undefined): boolean {
  if (chain.status === 'failed') return true
  if (slo?.within === undefined || chain.endedAt === undefined) return false
  return chain.endedAt - (chain.call === undefined ? run.acceptedAt : (chain.startedAt ?? 0)) > slo.within
}

interface Judging {
  readonly verdicts: readonly boolean[]
  readonly allowed: number
  readonly failed: number
  readonly n: number
  /** What kept it from running, where it never did. */
  readonly blocked: string | undefined
}

function stateOf({ verdicts, allowed, failed, n, blocked }: Judging): {
  readonly state: HealthState
  readonly cause: string
} {
  if (n === 0) {
    const cause = blocked === undefined ? 'it has not run' : `it has not run: ${blocked}`
    return { state: 'unknown', cause }
  }
  const ill = isIll(verdicts.slice(-3 * long), allowed)
  const share = shareText(failed, n)
  if (ill) {
    const lately = verdicts.slice(-short)
    const recent = lately.filter(Boolean).length
    if (recent * 2 >= lately.length) return { state: 'failing', cause: share }
    return { state: 'degraded', cause: `${share}, ${recent} of the last ${lately.length}` }
  }
  const needed = leastFor(allowed)
  if (n < needed) {
    const so = n === 1 ? 'one success' : `${n} successes`
    const cause = failed > 0 ? `${share}; ${needed} are needed to tell` : `${so} of the ${needed} needed`
    return { state: 'unknown', cause }
  }
  if (failed / n <= allowed) return { state: 'ok', cause: share }
  return { state: 'unknown', cause: `${share}, which may be chance or not` }
}

function shareText(failed: number, n: number): string {
  if (n === 1) return failed === 1 ? 'its one execution failed' : 'its one execution succeeded'
  if (failed === 0) return `none of its last ${n} executions failed`
  return failed === n
    ? `all of its last ${n} executions failed`
    : `${failed} of its last ${n} executions failed`
}

/**
 * Two windows: it falls ill where both the last few and the many before them fail more than is allowed beyond doubt, and
 * is well again only where neither does; so that it does not waver with each execution.
 */
function isIll(verdicts: readonly boolean[], allowed: number): boolean {
  let ill = false
  let few = 0
  let many = 0
  for (const [at, bad] of verdicts.entries()) {
    few += Number(bad) - Number(verdicts[at - short] ?? false)
    many += Number(bad) - Number(verdicts[at - long] ?? false)
    const isMore = (failed: number, n: number): boolean => isBeyondChance(failed, n, allowed)
    const [fewOf, manyOf] = [Math.min(at + 1, short), Math.min(at + 1, long)]
    if (ill) ill = isMore(few, fewOf) || isMore(many, manyOf)
    else if (bad) ill = isMore(few, fewOf) && isMore(many, manyOf)
  }
  return ill
}

/**
 * Whether so many failures, or more, would come less than once in twenty times where no more fail than is allowed. By the
 * binomial itself: of a handful, approximate bounds find too many ill.
 */
function isBeyondChance(failed: number, n: number, allowed: number): boolean {
  return failed / n > allowed && betaCdf(failed, n - failed + 1, allowed) <= 0.05 + 1e-9
}

/** So many executions without a failure bound the share of failures by what is allowed (Wilson, 90 %). */
function leastFor(allowed: number): number {
  for (let n = 1; n < long; n++) if ((wilson(0, n)?.high ?? 1) <= allowed) return n
  return long
}

/** How sure it is that the share of failures lies on its side of what is allowed (a uniform prior). */
function confidenceOf(
  state: HealthState,
  { failed, n, allowed }: { readonly failed: number; readonly n: number; readonly allowed: number },
): number {
  const below = betaCdf(failed + 1, n - failed + 1, allowed)
  return roundedShare(state === 'ok' ? below : 1 - below)
}

/** Where most of its failures began. */
function rootOf(seen: readonly Execution[]): ChainHealth['evidence']['root'] {
  const counts = new Map<string, { chain: string; step?: string; message: string; count: number }>()
  for (const { chain } of seen) {
    if (chain.status !== 'failed' || chain.failure === undefined) continue
    const { step, failure } = chain
    const key = `${step ?? ''}\n${failure.class}`
    const known = counts.get(key)
    if (known !== undefined) {
      known.count++
      known.message = failure.message
    } else
      counts.set(key, {
        chain: chain.chain,
        ...(step === undefined || step === '' ? {} : { step }),
        message: failure.message,
        count: 1,
      })
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)[0]
}

/** The failure upstream that kept it from running the last time. */
function blockedIn(all: readonly Execution[]): string | undefined {
  const last = all.findLast(({ chain: { status } }) => status === 'upstream_failed')
  if (last === undefined) return undefined
  const root = last.run.failures.find(({ blocked }) => blocked.includes(last.chain.key))
  return root === undefined ? 'a chain that it needs failed' : `"${root.chain}", which it needs, failed`
}
