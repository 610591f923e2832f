// `catenary report`: how the chains of a store do, where their time goes and what is to be done, from its journal alone.

import { readFileSync } from 'node:fs'
import type { CoverageFound } from '../analysis/coverage.ts'
import { type Asking, evaluate } from '../analysis/evaluate.ts'
import { createEvidence } from '../analysis/evidence.ts'
import type { Report } from '../analysis/report.ts'
import { atOnce } from '../analysis/slices.ts'
import { toEvent } from '../journal/encoding.ts'
import type { StoreReader } from '../journal/store.ts'
import { printAdvice } from './advice.ts'
import type { Call, Command } from './command.ts'
import { readCoverage } from '../engine/read-coverage.ts'
import { exit, usageError } from './exit.ts'
import { jsonText } from './json.ts'
import { storeOption, withReader } from './open-store.ts'
import { documentOf } from './report-document.ts'
import { reportMarkdown, reportText } from './report-text.ts'

const formats = ['text', 'md', 'json']
const usually = 100_000
const page = 2_000

export const report: Command = {
  name: 'report',
  says: 'say how the chains do, where time goes, and what to do about it',
  words: [],
  options: {
    ...storeOption,
    format: { value: 'FORMAT', says: 'text, md or json; default text' },
    advice: { says: 'what would be better instead, with evidence and foretold gain' },
    patch: { says: 'with --advice: what the config says other than the code, and the patches, as JSON' },
    since: { value: 'FILE', says: 'say what has changed since this report, which was written as JSON' },
    coverage: {
      value: 'PATH',
      says: 'say which steps are tested, by what tests left there with writeCoverage()',
    },
    events: { value: 'N', says: `read so many of the last events; default ${usually}` },
  },
  more: `Read from the journal alone, beside a live app or without one. Every figure
says what it rests on; what rests on too little is unknown. Exit code 1 where a
chain is failing.`,
  async run(call) {
    const format = call.json ? 'json' : (call.option('format') ?? 'text')
    if (!formats.includes(format)) throw usageError(`--format takes ${formats.join(', ')}, not "${format}"`)
    if (call.has('advice')) return adviceAsked(call, format)
    if (call.has('patch')) throw usageError('--patch goes with --advice')
    const most = eventsAsked(call)
    const since = reportBefore(call)
    const coverage = coverageGiven(call)
    const found = await withReader(call, async (reader) =>
      readReport(reader, most, { now: call.clock.now(), since, coverage }),
    )
    const { terminal } = call
    if (format === 'json') terminal.out(jsonText(found))
    else if (format === 'md') terminal.out(reportMarkdown(documentOf(found)))
    else terminal.out(reportText(documentOf(found), terminal))
    return found.verdict.state === 'failing' ? exit.failed : exit.ok
  },
}

async function adviceAsked(call: Call, format: string): Promise<number> {
  if (format === 'md') throw usageError('--advice comes as text or json, not as md')
  for (const other of ['since', 'coverage', 'events'])
    if (call.option(other) !== undefined) throw usageError(`--${other} does not go with --advice`)
  return withReader(call, async (reader) => printAdvice({ ...call, json: format === 'json' }, reader))
}

function eventsAsked(call: Call): number {
  const given = call.option('events') ?? String(usually)
  const most = Number(given)
  if (Number.isInteger(most) && most > 0) return most
  throw usageError(`--events takes how many to read, such as ${usually}, not "${given}"`)
}

function reportBefore(call: Call): Report | undefined {
  const file = call.option('since')
  if (file === undefined) return undefined
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report> | null
    const { meta, health, implementation, practices, actions, performance } = read ?? {}
    const lists = [health, implementation, practices, actions, performance?.chains]
    if (read?.schema === 1 && meta !== undefined && lists.every((one) => Array.isArray(one)))
      return read as Report
  } catch (error) {
    throw usageError(`--since cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw usageError(`${file} is no report: write one with \`catenary report --format json\``)
}

function coverageGiven(call: Call): CoverageFound | undefined {
  const path = call.option('coverage')
  return path === undefined ? undefined : readCoverage(path)
}

async function readReport(reader: StoreReader, most: number, asking: Asking): Promise<Report> {
  const after = Math.max(0, (await reader.lastSeq()) - most)
  const evidence = createEvidence({ after })
  // what was declared before is told there
  for (const row of await reader.rows('', 0)) if (row.seq <= after) evidence.recall(toEvent(row))
  for (let full = true; full;) {
    const rows = await reader.journal({ after: evidence.journal.seq, limit: page })
    for (const row of rows) evidence.apply(toEvent(row))
    full = rows.length === page
  }
  return atOnce(evaluate(evidence, asking))
}
