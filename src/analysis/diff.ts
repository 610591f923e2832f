// What has become otherwise since the last report: states, what broke practice, what is to be done, times beyond chance.

import type { Interval } from './figures.ts'
import type { Report, ReportDiff } from './report.ts'

type Entry = ReportDiff['entries'][number]

export function diffOf(was: Report | undefined, is: Omit<Report, 'diff'>): ReportDiff {
  if (was === undefined) return { since: null, entries: [] }
  const entries = [
    ...changed(
      'health',
      was.health.map(({ chain, state }) => [chain, state]),
      is.health.map(({ chain, state }) => [chain, state]),
    ),
    ...changed(
      'implementation',
      was.implementation.map(({ chain, rung }) => [chain, rung]),
      is.implementation.map(({ chain, rung }) => [chain, rung]),
    ),
    ...changed('practices', was.practices.map(practice), is.practices.map(practice)),
    ...changed('actions', was.actions.map(action), is.actions.map(action)),
    ...times(was, is),
  ]
  return { since: was.meta.hash, entries }
}

type Named = readonly [place: string, value: string]

const practice = ({ rule, chain, step }: Report['practices'][number]): Named => [
  `${chain}${step === undefined ? '' : `/${step}`}: ${rule}`,
  'broken',
]
const action = ({ sentence }: Report['actions'][number]): Named => [sentence, 'to be done']

/** `none` is what was or is not there. */
function changed(section: string, was: readonly Named[], is: readonly Named[]): readonly Entry[] {
  const before = new Map(was)
  const after = new Map(is)
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((place) => {
    const [old, now] = [before.get(place) ?? 'none', after.get(place) ?? 'none']
    return old === now ? [] : [{ section, place, was: old, is: now }]
  })
}

/** Medians whose intervals have nothing in common. */
function times(was: Report, is: Pick<Report, 'performance'>): readonly Entry[] {
  const before = new Map(was.performance.chains.map(({ chain, duration }) => [chain, duration.p50]))
  return is.performance.chains.flatMap(({ chain, duration: { p50 } }) => {
    const old = before.get(chain)
    if (old === undefined || p50 === undefined || !isApart(old, p50)) return []
    return [{ section: 'performance', place: chain, was: `${old.estimate} ms`, is: `${p50.estimate} ms` }]
  })
}

function isApart(a: Interval, b: Interval): boolean {
  const { low, high } = a
  if (low === undefined || high === undefined || b.low === undefined || b.high === undefined) return false
  return high < b.low || b.high < low
}
