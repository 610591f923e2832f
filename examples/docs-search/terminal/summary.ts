// What a finished run says on the terminal.

import type { Report } from '../report/contents.ts'
import { number, plural } from '../report/markup.ts'
import type { Recovery } from '../recovery.ts'
import type { Paint } from './paint.ts'

const mostRecoveries = 12
const mostLicenses = 5

export function summary(report: Report, paint: Paint): readonly string[] {
  const { totals, questions, named } = report
  const megabytes = (totals.characters / 1_000_000).toFixed(1)
  const asked = questions.filter(({ place }) => place !== null).length
  const left = totals.left === 0 ? '' : `; ${plural(totals.left, 'package')} left out by --limit`
  return [
    row(
      paint,
      'indexed',
      `${plural(totals.packages, 'package')}, ${plural(totals.documents, 'document')}, \
${plural(totals.sections, 'section')}, ${megabytes} MB of text${left}`,
    ),
    row(
      paint,
      'verified',
      `${plural(asked, 'known question')} answered, ${plural(named, 'package')} found by name`,
    ),
    row(paint, 'links', linkLine(report)),
    row(paint, 'licences', licenseLine(report)),
    ...recoveryLines(report.recoveries, paint),
  ]
}

export function row(paint: Paint, label: string, text: string): string {
  return `  ${paint.dim(label.padEnd(10))} ${text}`
}

function linkLine({ totals, packages }: Report): string {
  const where = packages.filter(({ broken }) => broken > 0).length
  const all = plural(totals.links, 'relative link')
  return totals.broken === 0
    ? `${all}, none broken`
    : `${number(totals.broken)} of ${all} broken, in ${plural(where, 'package')}`
}

function licenseLine({ licenses }: Report): string {
  if (licenses.status === 'unavailable') return 'not found out this time; alert.txt says why'
  const shown = licenses.counts.slice(0, mostLicenses).map((one) => `${one.license} ${one.packages}`)
  const more = licenses.counts.length - shown.length
  const unknown = licenses.unknown.length === 0 ? [] : [`unknown ${licenses.unknown.length}`]
  return [...shown, ...(more > 0 ? [`${more} more`] : []), ...unknown].join(', ')
}

function recoveryLines(all: readonly Recovery[], paint: Paint): readonly string[] {
  if (all.length === 0) return [row(paint, 'recoveries', 'none')]
  const shown = all.slice(0, mostRecoveries)
  const width = Math.max(...shown.map((one) => one.package.length))
  const lines = shown.map(({ action, package: name, reason, outcome }) => {
    return `    ${paint.yellow(action.padEnd(8))} ${paint.bold(name.padEnd(width))}  ${reason}; ${outcome}`
  })
  const more = all.length - lines.length
  return [
    row(paint, 'recoveries', String(all.length)),
    ...lines,
    ...(more > 0 ? [`    ${paint.dim(`and ${more} more in the report`)}`] : []),
  ]
}
