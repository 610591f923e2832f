// A report as a document: what is worth saying, in the order in which a person asks; drawn as text or Markdown elsewhere.

import type { Report } from '../analysis/report.ts'
import type { NecessaryAction } from '../analysis/report-built.ts'
import { formatTime } from '../kernel/local-time.ts'
import { changes, critical, health, items, slow } from './report-figures.ts'
import { built, ports, practices, resources, since, unread, waits } from './report-places.ts'
import { type Section, count, more, most, sentence } from './report-section.ts'

export function documentOf(report: Report): readonly Section[] {
  const sections = [
    summary,
    since,
    actions,
    health,
    changes,
    critical,
    slow,
    items,
    waits,
    unread,
    ports,
    practices,
    built,
    resources,
  ]
  return sections.flatMap((section) => section(report) ?? [])
}

function summary({ meta, verdict }: Report): Section {
  const { runs, from, to, at: now } = meta
  const open = runs.open === 0 ? '' : `, ${count(runs.open, 'goes on', 'go on')}`
  const times = from === 0 ? '' : ` from ${formatTime(from, now)} to ${formatTime(to, now)}`
  const left = runs.excluded.map(({ reason, count: n }) => `${n} ${reason}`).join('; ')
  return {
    title: 'Report',
    note: `${count(runs.used, 'run')} measured${open}${times}${left === '' ? '' : `; left out: ${left}`}`,
    points: [{ mark: verdict.state, text: sentence(verdict.sentence) }],
  }
}

function actions({ actions: all }: Report): Section | undefined {
  if (all.length === 0) return undefined
  return {
    title: 'What to do, in this order',
    points: all.slice(0, most).map(({ id, severity, sentence: text, why, check, deed, state }) => ({
      mark: severity,
      text: sentence(text),
      more: `${sentence(`${why}; it worked when ${check}`)}${deed === undefined ? '' : ` ${stands(id, state, deed.came)}`}`,
    })),
    ...more(all.length),
  }
}

/** What a person can do about what the supervisor can do, and how that stands. */
function stands(id: string, state: NecessaryAction['state'], came: string | undefined): string {
  if (state === 'proposed' || state === 'asked') return `To have it done: catenary act ${id}.`
  const why = came === undefined ? '' : `: ${came}`
  const back = state === 'applied' || state === 'verified' ? ` To take it back: catenary undo ${id}.` : ''
  return `It is ${state}${why}.${back}`
}
