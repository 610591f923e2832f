// Where kills fell, judged by what they left on disk: what was in flight, what was done and not yet committed.

import type { Row } from '../../src/journal/store.ts'
import { attemptsIn, nameOf, type Place, stratumOf } from './attempts.ts'
import { told } from './aim.ts'
import type { Outcome } from './kill.ts'
import { readLine } from './lines.ts'

/** Kills that found a step so. */
export interface Hits {
  aimed: number
  /** Its start was committed, its outcome was not. */
  inFlight: number
  /** Of those: its body was running. */
  running: number
  /** Of those: its body had ended, and only the commit was missing. */
  undecided: number
  /** Of those: other items of its fan-out were committed already. */
  midFanOut: number
  /** The last thing committed was its outcome. */
  justCommitted: number
}

export interface Tally {
  readonly steps: Map<string, Hits>
  /** Kills while a chain had begun and not ended. */
  readonly chains: Map<string, number>
  /** Kills by what they were aimed at, for aims at no step. */
  readonly elsewhere: Map<string, number>
  /** Runs as the kills found them, by status. */
  readonly runs: Map<string, number>
  /** What each kill was aimed at, in order. */
  readonly aimed: string[]
  kills: number
}

export function emptyTally(): Tally {
  return { steps: new Map(), chains: new Map(), elsewhere: new Map(), runs: new Map(), aimed: [], kills: 0 }
}

/** Adds what another tally has counted. */
export function add(tally: Tally, more: Tally): void {
  for (const [stratum, hit] of more.steps) {
    const found = hits(tally, stratum)
    for (const key of Object.keys(hit) as (keyof Hits)[]) found[key] += hit[key]
  }
  for (const counts of ['chains', 'elsewhere', 'runs'] as const)
    for (const [name, n] of more[counts]) tally[counts].set(name, (tally[counts].get(name) ?? 0) + n)
  tally.aimed.push(...more.aimed)
  tally.kills += more.kills
}

export function count(tally: Tally, { kills, lines }: Outcome): void {
  for (const { aim, left } of kills) {
    tally.kills++
    tally.aimed.push(told(aim))
    if ('stratum' in aim) hits(tally, aim.stratum).aimed++
    else bump(tally.elsewhere, told(aim))
    const said = lines.slice(0, left.lines).map(readLine)
    const begun = new Set(said.flatMap(({ kind, of }) => (kind === 'start' ? [of] : [])))
    const done = new Set(said.flatMap(({ kind, of }) => (kind === 'done' ? [of] : [])))
    const { rows, heads } = left.image
    for (const [stratum, places] of openByStratum(rows)) {
      const found = hits(tally, stratum)
      found.inFlight++
      if (places.some((place) => begun.has(nameOf(place)) && !done.has(nameOf(place)))) found.running++
      if (places.some((place) => done.has(nameOf(place)))) found.undecided++
      if (places.some((place) => place.item !== undefined && siblings(rows, place))) found.midFanOut++
    }
    for (const chain of runningChains(rows)) bump(tally.chains, chain)
    for (const { status } of heads) bump(tally.runs, status)
    const last = rows.findLast(({ type }) => type.startsWith('attempt.') && type !== 'attempt.started')
    if (last !== undefined && isLastCommit(rows, last)) hits(tally, stratumOf(placeOf(last))).justCommitted++
  }
}

function openByStratum(rows: readonly Row[]): ReadonlyMap<string, readonly Place[]> {
  const { open } = attemptsIn(rows)
  const places = rows.flatMap((row) => (row.type === 'attempt.started' ? [placeOf(row)] : []))
  return Map.groupBy(
    places.filter((place) => open.has(nameOf(place))),
    stratumOf,
  )
}

function siblings(rows: readonly Row[], { run, chain, step, item }: Place): boolean {
  return rows.some((row) => {
    if (row.type !== 'attempt.succeeded' || row.run !== run) return false
    const one = placeOf(row)
    return one.chain === chain && one.step === step && one.item !== item
  })
}

function runningChains(rows: readonly Row[]): ReadonlySet<string> {
  const running = new Map<string, string>()
  for (const { type, run, body } of rows) {
    if (type !== 'chain.started' && type !== 'chain.ended') continue
    const { chain } = JSON.parse(body) as { readonly chain: string }
    const name = chain.split('/').slice(0, 2).join('/')
    if (type === 'chain.started') running.set(`${run}/${chain}`, name)
    else running.delete(`${run}/${chain}`)
  }
  return new Set(running.values())
}

/** Nothing but what one commit adds to an outcome came after it. */
const isLastCommit = (rows: readonly Row[], outcome: Row): boolean =>
  rows.slice(outcome.seq).every(({ type, run }) => run === outcome.run && type !== 'attempt.succeeded')

const placeOf = ({ run, body }: Row): Place => ({ ...(JSON.parse(body) as Omit<Place, 'run'>), run })

function hits({ steps }: Tally, stratum: string): Hits {
  let found = steps.get(stratum)
  if (found === undefined) {
    found = { aimed: 0, inFlight: 0, running: 0, undecided: 0, midFanOut: 0, justCommitted: 0 }
    steps.set(stratum, found)
  }
  return found
}

function bump(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The table, for people. */
export function table({ steps, chains, elsewhere, runs, kills }: Tally): readonly string[] {
  const heading = [
    'chain, step',
    'aimed at',
    'in flight',
    'body running',
    'done, not committed',
    'mid fan-out',
    'just committed',
  ]
  const cells = [...steps]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hit]) =>
      [
        name.replace(' ', ', '),
        hit.aimed,
        hit.inFlight,
        hit.running,
        hit.undecided,
        hit.midFanOut,
        hit.justCommitted,
      ].map(String),
    )
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, n]) => `${name} ${n}`).join(', ')
  return [
    ...[heading, heading.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`),
    '',
    `${kills} kills; aimed elsewhere: ${list(elsewhere)}`,
    `kills while the chain ran: ${list(chains)}`,
    `runs that the kills found, by status: ${list(runs)}`,
  ]
}
