// The first screen: is it broken, what first, and what does not move.

import { standingOf } from '../../analysis/health.ts'
import { awaitedOf, explain, readTimeline } from '../../engine/runs/explain.ts'
import type { RunHead, RunStatus } from '../../journal/store.ts'
import type { NowView, RootFailureView } from '../protocol.ts'
import { rootFailuresOf } from './root-failures.ts'
import type { ViewSource } from './source.ts'
import { sparklinesOf } from './sparklines.ts'

const parked: readonly RunStatus[] = ['needs-attention', 'dead-letter', 'needs-migration']
const recentMs = 24 * 3_600_000
/** A run whose time has come moves on within this. */
const lateMs = 10_000
/** A run is read event by event: no more of them than this for one screen. */
const mostRead = 30

export async function viewNow(source: ViewSource): Promise<NowView> {
  const { reader, now } = source
  const at = now()
  const [counts, recent, standing, failed, still] = await Promise.all([
    reader.counts(),
    reader.heads({ limit: 500 }),
    reader.heads({ status: parked, limit: mostRead }),
    reader.heads({ status: ['failed'], limit: mostRead }),
    reader.heads({ status: ['paused', 'waiting'], limit: 200 }),
  ])
  const lately = failed.filter(({ endedAt }) => endedAt !== null && at - endedAt <= recentMs)
  const [failures, stuck] = await Promise.all([
    failuresOf(source, [...standing, ...lately]),
    stuckOf(source, [...standing, ...still.filter((head) => isStuck(head, at))], at),
  ])
  const ended = recent.filter(({ endedAt }) => endedAt !== null && at - endedAt <= recentMs)
  return {
    at,
    ...verdictOf(ended, standing.length, failures),
    counts,
    failures,
    stuck,
    suggestions: [],
    sparklines: sparklinesOf(recent, at),
    services: [],
  }
}

/** Nothing but a person or another run moves it, or what should have moved it has not. */
function isStuck({ status, wakeAt, signals }: RunHead, now: number): boolean {
  if (status === 'paused') return true
  return wakeAt === null ? true : signals !== '' || now - wakeAt > lateMs
}

async function stuckOf(
  { reader }: ViewSource,
  heads: readonly RunHead[],
  now: number,
): Promise<NowView['stuck']> {
  const stuck = heads.slice(0, mostRead).map(async (head) => {
    const timeline = await readTimeline(reader, head.run)
    const why = explain(timeline, awaitedOf(head), now)
    return {
      run: head.run,
      chains: head.chain.split(','),
      why: { sentence: why.sentence, causes: why.causes as never },
      since: Math.min(timeline.at, ...why.causes.map(({ since }) => since)),
    }
  })
  return (await Promise.all(stuck)).toSorted((a, b) => a.since - b.since)
}

/** The same failure of many runs once: same place, and the same words but for numbers and ids. */
async function failuresOf({ reader }: ViewSource, heads: readonly RunHead[]): Promise<NowView['failures']> {
  const groups = new Map<string, RootFailureView & { runs: number; of: Set<string> }>()
  const timelines = await Promise.all(
    heads.slice(0, mostRead).map(async ({ run }) => readTimeline(reader, run)),
  )
  for (const timeline of timelines)
    for (const failure of rootFailuresOf(timeline)) {
      const words = failure.message.replaceAll(/[0-9a-f]{6,}|\d+/gi, '#')
      const key = JSON.stringify([failure.chain, failure.step, words])
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { ...failure, runs: 1, of: new Set([failure.run]) })
      else if (group.of.has(failure.run)) continue
      else {
        group.of.add(failure.run)
        const newest = failure.at > group.at ? failure : group
        const blocked = [...new Set([...group.blocked, ...failure.blocked])]
        groups.set(key, { ...newest, blocked, runs: group.of.size, of: group.of })
      }
    }
  return [...groups.values()]
    .map(({ of: _of, ...failure }) => failure)
    .toSorted(
      (a, b) => b.blocked.length * b.runs - a.blocked.length * a.runs || b.runs - a.runs || b.at - a.at,
    )
}

/** What failed is said as it is; that all is well only where the analyzer would say so. */
function verdictOf(
  ended: readonly RunHead[],
  standing: number,
  failures: NowView['failures'],
): Pick<NowView, 'state' | 'sentence'> {
  const failed = ended.filter(({ status }) => status === 'failed').length
  const { state: judged } = standingOf(ended.toReversed().map(({ status }) => status === 'failed'))
  const share = `${failed} of the last ${ended.length} runs failed`
  const [first] = failures
  const begin =
    first === undefined
      ? ''
      : `, first of all in ${first.step === undefined ? '' : `step ${first.step} of `}chain ${first.chain}`
  const stand =
    standing === 0
      ? ''
      : `${standing} ${standing === 1 ? 'run stands' : 'runs stand'} still until a person acts`
  if (failed > 0) {
    // as the analyzer says it: a failure that is within what is allowed is shown, and no alarm
    const within = judged === 'ok' ? ', which is within what is allowed' : ''
    const rest = stand === '' ? '' : `; ${stand}`
    const state = judged === 'ok' && standing > 0 ? 'degraded' : judged
    return { state: state === 'unknown' ? 'degraded' : state, sentence: `${share}${within}${begin}${rest}.` }
  }
  if (standing > 0) return { state: 'degraded', sentence: `${stand}${begin}.` }
  if (ended.length === 0)
    return {
      state: 'unknown',
      sentence: `No run has ended in the last day: too little to judge by.`,
    }
  const well = `${ended.length === 1 ? 'The one run that ended' : `All ${ended.length} runs that ended`} in the last day went well`
  return judged === 'ok'
    ? { state: 'ok', sentence: `${well}.` }
    : { state: 'unknown', sentence: `${well}: too few to call it healthy.` }
}
