// What a report says of how chains meet and are built: waits, what nobody reads, ports, practices, what is missing.

import type { Report } from '../analysis/report.ts'
import type { WaitCause } from '../analysis/report-places.ts'
import { formatMs } from '../kernel/duration.ts'
import { type Point, type Section, at, count, more, most, percent, sentence } from './report-section.ts'

const causes: Readonly<Record<WaitCause, string>> = {
  dependency: 'for what it needs',
  slot: 'for a slot',
  rate: 'for a limiter',
  backoff: 'before a retry',
  timer: 'for a time',
  signal: 'for a signal',
  memo: 'for another run of the same',
  service: 'for a service',
  concurrency: 'for its concurrency group',
  pause: 'as it was paused',
  'retry-budget': 'for the retry budget',
  'in-flight': 'for other items of its each',
  process: 'for a process to go on with it',
}

export function waits({ interactions }: Report): Section | undefined {
  const all = interactions.waits.filter(({ share }) => share >= 0.01)
  if (all.length === 0) return undefined
  return {
    title: 'What chains wait for',
    ...more(all.length, 'of all their time, items that wait side by side counted one by one'),
    table: {
      columns: [
        { title: 'chain', shrinkTo: 12 },
        { title: 'waits', shrinkTo: 16 },
        { title: 'in all', align: 'right' },
        { title: 'share', align: 'right' },
      ],
      rows: all
        .slice(0, most)
        .map(({ chain, cause, ms, share }) => [chain, causes[cause], formatMs(ms), percent(share)]),
    },
  }
}

export function unread({ interactions }: Report): Section | undefined {
  const { edges } = interactions
  if (edges.length === 0) return undefined
  const never = edges.filter(({ read, follows, rule }) => read === 'no' && !follows && rule === 'all_success')
  const told = edges.filter(({ read }) => read !== 'unknown').length
  const missing = edges.filter(({ declared }) => !declared)
  const points: Point[] = [
    ...never.map(({ from, to, name, n, kind }): Point => {
      const optional = kind === 'optional' ? ', optional,' : ''
      return {
        mark: 'medium',
        text: `"${to}" waits for "${from}"${optional} and has never read needs.${name}, in ${n === 1 ? 'one execution' : `${n} executions`}.`,
        more: 'Where only the order matters, say orderOnly(); where not even that, drop it.',
      }
    }),
    ...missing.map(({ from, to, name }): Point => ({
      mark: 'low',
      text: `"${to}" had "${from}" as ${name}, which is declared no more.`,
    })),
  ]
  if (points.length === 0 && edges.every(({ read }) => read === 'yes'))
    points.push({ mark: 'ok', text: `Each of the ${edges.length} edges is read.` })
  if (points.length === 0) return undefined
  return {
    title: 'What is read of what chains need',
    note: `${told} of ${edges.length} edges can be told`,
    points,
  }
}

export function ports({ integrations }: Report): Section | undefined {
  if (integrations.length === 0) return undefined
  return {
    title: 'What lies outside',
    ...more(integrations.length),
    table: {
      columns: [
        { title: 'port', shrinkTo: 12 },
        { title: 'asked', align: 'right' },
        { title: 'answers', align: 'right' },
        { title: 'p50', align: 'right' },
        { title: 'p95', align: 'right' },
        { title: 'per call', align: 'right' },
        { title: 'failures', shrinkTo: 16, wraps: true },
      ],
      rows: integrations
        .slice(0, most)
        .map(({ port, n, availability, latency, amplification, errors, breakers }) => [
          port,
          String(n),
          availability === undefined ? '' : percent(availability.estimate),
          at(latency, 'p50'),
          at(latency, 'p95'),
          amplification === undefined ? '' : `${Number(amplification.toFixed(2))} x`,
          [
            ...errors.map(({ class: name, n: times }) => `${times} ${name}`),
            ...breakers.map(({ id, state }) => `breaker ${id} ${state}`),
          ].join(', '),
        ]),
    },
  }
}

export function practices({ practices: all }: Pick<Report, 'practices'>): Section | undefined {
  if (all.length === 0) return undefined
  const rules = Map.groupBy(all, ({ rule }) => rule)
  const points = Array.from(rules.values(), (broken): Point => {
    const [first] = broken
    const { severity = 'low', sentence: text = '', cure = '' } = first ?? {}
    const others = broken.slice(1).map(({ chain, step }) => (step === undefined ? chain : `${chain}/${step}`))
    const listed =
      others.length > 5 ? `${others.slice(0, 4).join(', ')} and ${others.length - 4} more` : others.join(', ')
    const too = others.length === 0 ? '' : ` So ${others.length === 1 ? 'is' : 'are'} ${listed}.`
    return { mark: severity, text: `${sentence(text)}${too}`, more: sentence(cure) }
  })
  return { title: 'Good practice', points }
}

export function built({ implementation }: Report): Section | undefined {
  const told = implementation.filter(
    ({ flags, steps }) => flags.length > 0 || steps.some((one) => one.flags.length > 0),
  )
  if (told.length === 0) return undefined
  return {
    title: 'How far they are built',
    ...more(
      told.length,
      'where its lowest step stands: declared, implemented, wired, exercised, conformant or healthy',
    ),
    table: {
      columns: [
        { title: 'chain', shrinkTo: 12 },
        { title: 'stands at' },
        { title: 'is', shrinkTo: 10, wraps: true },
        { title: 'next', shrinkTo: 16, wraps: true },
      ],
      rows: told.slice(0, most).map(({ chain, rung, flags, blockedBy, steps, next = '' }) => {
        const ofSteps = steps.flatMap(({ step, flags: its }) =>
          its.map((flag) =>
            flag === 'unknown' ? `${step} has not run` : `${step} is ${flag === 'stub' ? 'a stub' : flag}`,
          ),
        )
        const own = flags.map((flag) => {
          if (flag === 'blocked-by') return `blocked by ${blockedBy.join(', ')}`
          return flag === 'unknown' ? 'without a success' : flag
        })
        return [chain, rung, [...own, ...ofSteps].join(', '), next]
      }),
    },
  }
}

export function resources({ resources: found, meta }: Report): Section {
  const { journal, live, concurrency, state, cause } = found
  const limit = concurrency.limit === undefined ? '' : ` of ${concurrency.limit}`
  const size = `${count(journal.events, 'event')} with ${Math.ceil(journal.bytes / 1024)} KiB of data`
  return {
    title: 'Resources',
    note: `${size} up to event ${meta.seq}; ${count(live.runs, 'run')} and ${count(live.attempts, 'attempt')} under way; at most ${concurrency.most}${limit} attempts at once`,
    points: [{ mark: state, text: sentence(cause) }],
  }
}

export function since({ diff }: Report): Section | undefined {
  if (diff.since === null) return undefined
  const points = diff.entries.map(({ section, place, was, is }): Point => ({
    mark: 'medium',
    text: `${section}: ${place} is ${is}, and was ${was}.`,
  }))
  return {
    title: 'Since the last report',
    points: points.length === 0 ? [{ mark: 'ok', text: 'Nothing has changed.' }] : points.slice(0, most),
  }
}
