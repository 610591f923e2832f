// `catenary compare`: what a change did to durations and failures of chains, with intervals, and what cannot be told.

import {
  type Comparison,
  type Side,
  classesOf,
  compare as compared,
  executionsOf,
} from '../analysis/compare.ts'
import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { OpenEstimate } from '../statistics/estimate.ts'
import type { Call, Command } from './command.ts'
import { type ComparedSide, recordsIn, sideOf, versionsIn } from './compare-sides.ts'
import { exit, usageError } from './exit.ts'
import { jsonText } from './json.ts'
import { storeOption, withReader } from './open-store.ts'
import { renderTable, wrapped } from './table.ts'

export const compare: Command = {
  name: 'compare',
  says: 'say what a change did to durations and failures',
  words: ['[before]', '[after]'],
  options: {
    chain: { value: 'ID', says: 'only this chain; default all that are on both sides' },
    ...storeOption,
  },
  more: `A side is the beginning of a chain's version, config:N, a stretch of time as
2026-01-31..2026-02-01 (an end may be left out), or another store's file. Without
sides it lists the versions that have run. Exit code 1 where a chain is slower or
fails more.`,
  async run(call) {
    const records = await withReader(call, recordsIn)
    const [first, second] = [call.word(0), call.word(1)]
    if (first === undefined) return listVersions(call, records)
    if (second === undefined) throw usageError('give both sides: catenary compare <before> <after>')
    const found = all(await sideOf(first, records), await sideOf(second, records), call.option('chain'))
    if (call.json) call.terminal.out(jsonText(found))
    else call.terminal.out(textOf(found, { before: first, after: second, columns: call.terminal.columns }))
    const worse = found.some(({ verdict, failing }) => verdict === 'slower' || failing === 'more')
    return worse ? exit.failed : exit.ok
  },
}

type Found = Comparison & { readonly chain: string }

function all(before: ComparedSide, after: ComparedSide, only: string | undefined): readonly Found[] {
  const chains = new Set(
    [...before.records, ...after.records].flatMap((run) =>
      [...run.chains.values()].map(({ chain }) => chain),
    ),
  )
  const classOf = classesOf([...before.records, ...after.records])
  return [...chains].sort().flatMap((chain) => {
    if (only !== undefined && chain !== only) return []
    const first = executionsOf(before.records, chain, before.wanted, classOf)
    const second = executionsOf(after.records, chain, after.wanted, classOf)
    const isOnBoth = first.length > 0 && second.length > 0
    return isOnBoth || only !== undefined ? [{ chain, ...compared(first, second) }] : []
  })
}

function listVersions(call: Call, records: Parameters<typeof versionsIn>[0]): number {
  const versions = versionsIn(records)
  if (call.json) call.terminal.out(jsonText(versions))
  else if (versions.length === 0) call.terminal.out('No run of this store has ended.\n')
  else {
    const now = call.clock.now()
    const rows = versions.map(({ chain, version, n, from, to }) => [
      chain,
      version,
      String(n),
      formatTime(from, now),
      formatTime(to, now),
    ])
    const titles = [
      { title: 'CHAIN', shrinkTo: 8 },
      { title: 'VERSION' },
      { title: 'RUNS', align: 'right' as const },
      { title: 'FIRST' },
      { title: 'LAST' },
    ]
    call.terminal.out(renderTable(titles, rows, call.terminal.columns))
  }
  return exit.ok
}

const verdicts: Readonly<Record<Comparison['verdict'], string>> = {
  faster: 'faster',
  slower: 'slower',
  alike: 'no difference to speak of (within 5 %)',
  unknown: 'cannot tell',
}
const failings: Readonly<Record<Comparison['failing'], string>> = {
  more: 'it fails more often',
  fewer: 'it fails less often',
  alike: 'failures are alike (within 0.5 points)',
  unknown: 'whether it fails more or less often cannot be told',
}

function textOf(
  found: readonly Found[],
  { before, after, columns }: { readonly before: string; readonly after: string; readonly columns: number },
): string {
  if (found.length === 0) return `No chain has run both under ${before} and under ${after}.\n`
  const ofAll = found.length > 1 ? shared(found.map(({ warnings }) => warnings)) : []
  const note = (warning: string, inset: string): readonly string[] =>
    wrapped(`note: ${warning}`, Math.min(columns, widest) - inset.length).map((line) => `${inset}${line}`)
  const chains = found
    .map(({ chain, ratio, p95Ratio, failures, verdict, failing, classes, left, warnings, ...sides }) =>
      [
        `${chain}: ${verdicts[verdict]}; ${failings[failing]}`,
        `  before    ${sideText(sides.before)}`,
        `  after     ${sideText(sides.after)}`,
        `  duration  ${estimate(ratio, percentMore)}`,
        `  p95       ${p95Ratio === undefined ? 'cannot tell: it takes 59 that succeeded on each side' : estimate(p95Ratio, percentMore)}`,
        `  failures  ${estimate(failures, points)}`,
        ...(classes.length > 1
          ? classes.map(
              ({ class: of, n, ratio: one }) =>
                `  of ${of} (${n.join(' and ')}): ${estimate(one, percentMore)}`,
            )
          : []),
        ...(left > 0 ? [`  ${left} left out: too few of their class on a side`] : []),
        ...warnings.filter((one) => !ofAll.includes(one)).flatMap((warning) => note(warning, '  ')),
        '',
      ].join('\n'),
    )
    .join('\n')
  const notes = ofAll.flatMap((warning) => note(warning, ''))
  return notes.length === 0 ? chains : `${chains}\n${notes.join('\n')}\n`
}

/** Lines of text longer than this are read badly. */
const widest = 120

/** What each of the lists has. */
function shared(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists
  return first.filter((one) => others.every((list) => list.includes(one)))
}

function sideText({ n, failed, p50, p95 }: Side): string {
  const ms = (of: OpenEstimate | undefined): string => (of === undefined ? '?' : formatMs(of.estimate))
  return `${n} executions, ${failed} failed, p50 ${ms(p50)}, p95 ${ms(p95)}`
}

/** With its interval; where there is none, that. */
function estimate(of: OpenEstimate | undefined, text: (value: number) => string): string {
  if (of === undefined) return 'cannot tell: too few of one class on both sides'
  if (of.low === undefined || of.high === undefined) return `${text(of.estimate)}, but too few to bound it`
  return `${text(of.estimate)} (${text(of.low)} to ${text(of.high)} at 90 %)`
}

function percentMore(ratio: number): string {
  const more = (ratio - 1) * 100
  return `${more > 0 ? '+' : ''}${more.toFixed(1)} %`
}

function points(share: number): string {
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(2)} points`
}
