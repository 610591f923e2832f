// A report as a document: what is worth saying, in the order in which a person asks; drawn as text or Markdown elsewhere.

import type { HealthState, Interval, Percentiles, Report } from '../analysis/report.ts'
import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { Column } from './table.ts'

export interface Section {
  readonly title: string
  /** What its figures rest on, or that there is nothing. */
  readonly note?: string
  readonly points?: readonly Point[]
  readonly table?: { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] }
}

/** A sentence, and what follows from it. */
export interface Point {
  readonly mark: HealthState | 'high' | 'medium' | 'low'
  readonly text: string
  readonly more?: string
}

/** At most so many rows of each table; the JSON has all. */
const most = 12

export function documentOf(report: Report): readonly Section[] {
  return [
    summary(report),
    actions(report),
    health(report),
    critical(report),
    slow(report),
    items(report),
  ].flatMap((section) => section ?? [])
}

function summary({ meta, verdict }: Report): Section {
  const { runs, from, to, at: now } = meta
  const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
  const open = runs.open === 0 ? '' : `, ${count(runs.open, 'goes on', 'go on')}`
  const times = from === 0 ? '' : ` from ${formatTime(from, now)} to ${formatTime(to, now)}`
  const left = runs.excluded.map(({ reason, count: n }) => `${n} ${reason}`).join('; ')
  return {
    title: 'Report',
    note: `${count(runs.used, 'run', 'runs')} measured${open}${times}${left === '' ? '' : `; left out: ${left}`}`,
    points: [{ mark: verdict.state, text: sentence(verdict.sentence) }],
  }
}

function actions({ actions: all }: Report): Section | undefined {
  if (all.length === 0) return undefined
  return {
    title: 'What to do, in this order',
    points: all.slice(0, most).map(({ severity, sentence: text, why, check }) => ({
      mark: severity,
      text: sentence(text),
      more: sentence(`${why}; it worked when ${check}`),
    })),
    ...more(all.length),
  }
}

function health({ health: all }: Report): Section | undefined {
  if (all.length === 0) return undefined
  return {
    title: 'Health',
    note: 'the share that fails lies between the bounds with 90 % certainty',
    table: {
      columns: [
        { title: 'chain', shrinkTo: 12 },
        { title: 'state' },
        { title: 'ran', align: 'right' },
        { title: 'failed', align: 'right' },
        { title: 'bounds', align: 'right' },
        { title: 'because', shrinkTo: 20 },
      ],
      rows: all
        .slice(0, most)
        .map(({ chain, state, cause, evidence }) => [
          chain,
          state,
          String(evidence.runs),
          String(evidence.failed),
          evidence.runs === 0 ? '' : `${percent(evidence.low)}-${percent(evidence.high)}`,
          cause,
        ]),
    },
  }
}

function critical({
  performance: {
    critical: { n, path },
  },
}: Report): Section | undefined {
  const on = path.filter(({ n: times }) => times > 0)
  if (n === 0 || on.length === 0) return undefined
  return {
    title: 'Where the time of a run goes',
    note: `over ${n === 1 ? 'one run' : `the last ${n} runs`}; "saves" is how much shorter a run were if it took no time`,
    table: {
      columns: [
        { title: 'step', shrinkTo: 16 },
        { title: 'share', align: 'right' },
        { title: 'saves', align: 'right' },
        { title: 'bounds', align: 'right' },
        { title: 'on the path', align: 'right' },
      ],
      rows: on
        .slice(0, most)
        .map(({ chain, step, share, drag, n: times }) => [
          `${chain}/${step ?? '(between steps)'}`,
          percent(share.estimate),
          formatMs(drag.estimate),
          boundsOf(drag),
          `${times} of ${n}`,
        ]),
    },
  }
}

function slow({ performance: { steps } }: Report): Section | undefined {
  if (steps.length === 0) return undefined
  return {
    title: 'Steps',
    note: 'a p95 needs 59 attempts to be bounded from above: before, it is marked ≥; none of fewer than 20',
    table: {
      columns: [
        { title: 'step', shrinkTo: 16 },
        { title: 'done', align: 'right' },
        { title: 'p50', align: 'right' },
        { title: 'p95', align: 'right' },
        { title: 'waited', align: 'right' },
        { title: 'retried', align: 'right' },
        { title: 'failed', align: 'right' },
        { title: 'memo', align: 'right' },
      ],
      rows: steps
        .slice(0, most)
        .map((one) => [
          `${one.chain}/${one.step}`,
          String(one.n),
          at(one.duration, 'p50'),
          at(one.duration, 'p95'),
          at(one.queue, 'p50'),
          String(one.retried),
          String(one.failed),
          String(one.memo),
        ]),
    },
    ...more(steps.length),
  }
}

function items({ performance: { steps } }: Report): Section | undefined {
  const rows = steps.flatMap(({ chain, step, slowest = [], duration }) =>
    slowest.slice(0, 3).map(({ item, took }) => {
      const usual = duration.p50?.estimate ?? took
      return [
        `${chain}/${step}`,
        item,
        formatMs(took),
        usual > 0 ? `${Number((took / usual).toFixed(1))} x` : '',
      ]
    }),
  )
  if (rows.length === 0) return undefined
  return {
    title: 'The slowest items',
    note: 'against the median of their step',
    table: {
      columns: [
        { title: 'step', shrinkTo: 12 },
        { title: 'item', shrinkTo: 16 },
        { title: 'took', align: 'right' },
        { title: 'median', align: 'right' },
      ],
      rows: rows.slice(0, most),
    },
  }
}

/** The estimate of a percentile; what has no upper bound says so. */
function at(percentiles: Percentiles, which: 'p50' | 'p95'): string {
  const found = percentiles[which]
  if (found === undefined || (which === 'p95' && percentiles.n < 20)) return ''
  return `${found.high === undefined && which === 'p95' ? '≥ ' : ''}${formatMs(found.estimate)}`
}

function boundsOf({ low, high }: Interval): string {
  if (low === undefined && high === undefined) return ''
  return `${low === undefined ? '?' : formatMs(low)} to ${high === undefined ? '?' : formatMs(high)}`
}

function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

function more(n: number): { readonly note?: string } {
  return n > most ? { note: `the first ${most} of ${n}; --format json has all` } : {}
}
