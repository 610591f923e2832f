// The figures of a report as tables: health, where time goes, steps and their slowest items.

import type { Report } from '../analysis/report.ts'
import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import { type Section, at, boundsOf, most, percent } from './report-section.ts'

export function health({ health: all }: Report): Section | undefined {
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
    note: `over ${several ? `the last ${n} runs` : 'one run'}; "saves" is how much shorter a run were if it took no time`,
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
  return {
    title: 'Steps',
    note: `p95 of 20 attempts and more, ≥ where fewer than 59 do not bound it from above${steps.length > most ? `; the first ${most} of ${steps.length}, --format json has all` : ''}`,
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
  }
}

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
