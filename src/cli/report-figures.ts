// The figures of a report as tables: health, where time goes, steps and their slowest items.

import type { Report } from '../analysis/report.ts'
import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { ChainHealth, StepPerformance } from '../analysis/report-times.ts'
import { type Section, at, boundsOf, more, most, percent } from './report-section.ts'

export function health({ health: all }: Report): Section | undefined {
  const [first] = all
  if (first === undefined) return undefined
  if (all.length > 1 && all.every((one) => isLike(one, first))) return alike(all.length, first)
  return {
    title: 'Health',
    table: {
      columns: [
        { title: 'chain', shrinkTo: 12 },
        { title: 'state' },
        { title: 'ran', align: 'right' },
        { title: 'failed', align: 'right' },
        { title: 'bounds', align: 'right' },
        { title: 'because', shrinkTo: 20, wraps: true },
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
    ...more(all.length, certainty),
  }
}

const certainty = 'the share that fails lies between the bounds with 90 % certainty'

const isLike = (one: ChainHealth, other: ChainHealth): boolean =>
  one.state === other.state &&
  one.cause === other.cause &&
  one.evidence.runs === other.evidence.runs &&
  one.evidence.failed === other.evidence.failed

/** A table in which all rows say the same is one sentence. */
function alike(n: number, { state, cause, evidence: { runs, low, high } }: ChainHealth): Section {
  const bounds = `Between ${percent(low)} and ${percent(high)} of its executions fail, with 90 % certainty.`
  return {
    title: 'Health',
    points: [
      { mark: state, text: `Of each of the ${n} chains: ${cause}.`, ...(runs === 0 ? {} : { more: bounds }) },
    ],
  }
}

export function critical({
  performance: {
    critical: { n, path },
  },
}: Report): Section | undefined {
  const on = path.filter(({ n: times }) => times > 0)
  if (n === 0 || on.length === 0) return undefined
  // of one run there is nothing to tell besides it
  const several = n > 1
  return {
    title: 'Where the time of a run goes',
    ...more(
      on.length,
      `over ${several ? `the last ${n} runs` : 'one run'}; "saves" is how much shorter a run were without it and its waits`,
    ),
    table: {
      columns: [
        { title: 'step', shrinkTo: 16 },
        { title: 'share', align: 'right' },
        { title: 'saves', align: 'right' },
        ...(several
          ? ([
              { title: 'bounds', align: 'right' },
              { title: 'on the path', align: 'right' },
            ] as const)
          : []),
      ],
      rows: on
        .slice(0, most)
        .map(({ chain, step, share, drag, n: times }) => [
          `${chain}/${step ?? '(between steps)'}`,
          percent(share.estimate),
          formatMs(drag.estimate),
          ...(several ? [boundsOf(drag), `${times} of ${n}`] : []),
        ]),
    },
  }
}

export function changes({ performance, meta }: Report): Section | undefined {
  if (performance.changes.length === 0) return undefined
  return {
    title: 'What takes another time than before',
    points: performance.changes
      .slice(0, most)
      .map(({ chain, at: began, run, before, after, n, version }) => ({
        mark: after > before ? 'medium' : 'low',
        text: `"${chain}" takes ${formatMs(after)} and took ${formatMs(before)}, since ${formatTime(began, meta.at)}, run ${run}${version === undefined ? '' : ', the first of a new version'}.`,
        more: `Medians, over ${n} executions.`,
      })),
  }
}

export function slow({ performance: { steps } }: Report): Section | undefined {
  if (steps.length === 0) return undefined
  const shown = steps.slice(0, most)
  const has = (count: (one: StepPerformance) => number): boolean => shown.some((one) => count(one) > 0)
  const counts = counted.filter(({ of }) => has(of))
  return {
    title: 'Steps',
    ...more(steps.length, 'p95 of 20 attempts and more, ≥ where fewer than 59 do not bound it from above'),
    table: {
      columns: [
        { title: 'step', shrinkTo: 16 },
        { title: 'done', align: 'right' },
        { title: 'p50', align: 'right' },
        { title: 'p95', align: 'right' },
        { title: 'waited', align: 'right' },
        ...counts.map(({ title }) => ({ title, align: 'right' as const })),
      ],
      rows: shown.map((one) => [
        `${one.chain}/${one.step}`,
        String(one.n),
        at(one.duration, 'p50'),
        at(one.duration, 'p95'),
        at(one.queue, 'p50'),
        ...counts.map(({ of }) => String(of(one))),
      ]),
    },
  }
}

/** A column each, where any step has some. */
const counted: readonly { readonly title: string; readonly of: (one: StepPerformance) => number }[] = [
  { title: 'retries', of: ({ retried }) => retried },
  { title: 'failures', of: ({ failed }) => failed },
  { title: 'fell back', of: ({ fellBack }) => fellBack },
  { title: 'memo', of: ({ memo }) => memo },
]

export function items({ performance: { steps } }: Report): Section | undefined {
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
