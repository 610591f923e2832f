// What `catenary report --advice` prints: what would be better, how sure that is, what is tried, and the patches of it.

import { createEvidenceReader, type ReadEvidence } from '../engine/reflector/read-evidence.ts'
import {
  type StandingSuggestion,
  type TrialStatus,
  standingOf,
  statusOf,
} from '../engine/reflector/standing-suggestion.ts'
import type { StoreReader } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import { detectors } from '../reflection/detectors.ts'
import { suggest } from '../reflection/suggest.ts'
import type { JsonPatch, PredictedGain } from '../reflection/suggestion.ts'
import { overlayPatch } from '../supervision/config-patch.ts'
import type { Call } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import { printable } from './printable.ts'
import { renderTable, wrapped } from './table.ts'

export interface Advice {
  readonly suggestions: readonly StandingSuggestion[]
  readonly trials: readonly TrialStatus[]
  /** What the config says other than the code. */
  readonly overlay: readonly JsonPatch[]
  /** Runs that were looked at. */
  readonly runs: number
}

/** Reads it from a store alone, beside whoever executes it. */
export async function readAdvice(reader: StoreReader, clock: Clock): Promise<Advice> {
  const source = createEvidenceReader(() => reader, clock)
  const evidence = await source.read()
  const trials = [...source.standing.trials.values()].map((trial) => statusOf(trial))
  if (evidence === undefined) return { suggestions: [], trials, overlay: [], runs: 0 }
  return {
    suggestions: standingOf(suggest(evidence), source.standing, clock.now()),
    trials,
    overlay: overlayOf(evidence),
    runs: evidence.records.length,
  }
}

function overlayOf({
  config: { version: _version, ...config },
  declaration,
}: ReadEvidence): readonly JsonPatch[] {
  return overlayPatch(declaration.concurrency, config)
}

export async function printAdvice(call: Call, reader: StoreReader): Promise<number> {
  const advice = await readAdvice(reader, call.clock)
  const { terminal } = call
  if (call.has('patch')) terminal.out(jsonText(patchesOf(advice)))
  else if (call.json) terminal.out(jsonText(advice))
  else terminal.out(textOf(advice, call))
  return exit.ok
}

/** For a review: what is in force besides the code, and what is suggested. */
function patchesOf({ overlay, suggestions }: Advice): object {
  const patches = suggestions.flatMap(({ id, state, sentence, patch, inverse }) =>
    patch === undefined ? [] : [{ id, state, sentence, patch, inverse }],
  )
  return { overlay, suggestions: patches }
}

function textOf({ suggestions, trials, overlay, runs }: Advice, call: Call): string {
  const now = call.clock.now()
  const { paint, columns } = call.terminal
  const lines: string[] = []
  const say = (text: string, inset = '  '): void => {
    const width = Math.min(columns, widest) - inset.length
    lines.push(...wrapped(printable(text), width).map((line) => `${inset}${line}`))
  }
  if (suggestions.length === 0) {
    const from = `${runs} ended ${runs === 1 ? 'run' : 'runs'}`
    say(`Nothing to suggest from ${from}: no detector found enough evidence.`, '')
    const rows = detectors.map(({ kind, needs }) => [kind.replaceAll('-', ' '), needs])
    lines.push(
      renderTable(looksFor, rows, Math.min(columns, widest) - 2)
        .trimEnd()
        .replaceAll(/^/gm, '  '),
    )
    say('What can be said of fewer runs is in the report: catenary report', '')
  }
  for (const { id, kind, class: of, state, sentence, gain, evidence, patch, trial } of suggestions) {
    lines.push(paint('bold', `${id}  ${kind}  ${state}`))
    say(sentence)
    say(`gain: ${gainText(gain)}`)
    const { statistic, value, low, high, level, n } = evidence
    const bounds = `${round(low)} to ${round(high)} at ${Math.round(level * 100)} %`
    say(`because: ${statistic} ${round(value)} (${bounds}, n = ${n}, ${evidence.runs} runs)`)
    for (const fact of evidence.facts) say(fact, '    ')
    if (trial !== undefined) say(trialText(trial, now))
    if (patch === undefined) say('advice: it is done in code')
    else if (state === 'open')
      say(`to try it: catenary apply ${id}${of === 'A' ? '' : '   (leans on what was declared)'}`)
    lines.push('')
  }
  const past = trials.filter(({ suggestion }) => !suggestions.some(({ id }) => id === suggestion))
  for (const trial of past) {
    say(`${trial.suggestion}: ${trial.sentence}`, '')
    say(trialText(trial, now))
    lines.push('')
  }
  if (overlay.length > 0) {
    const places = overlay.length === 1 ? 'one place' : `${overlay.length} places`
    say(`The config says other than the code in ${places}: catenary report --advice --patch`, '')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

const looksFor = [{ title: 'LOOKED FOR' }, { title: 'IT TAKES', shrinkTo: 30, wraps: true }] as const

/** Lines of text longer than this are read badly. */
const widest = 120

function trialText({ share, startedAt, ended }: TrialStatus, now: number): string {
  if (ended === undefined)
    return `tried on ${Math.round(share * 100)} % of its runs since ${formatTime(startedAt, now)}`
  return `tried, ${ended.verdict} at ${formatTime(ended.at, now)}: ${ended.why}`
}

const objectives: Readonly<Record<PredictedGain['objective'], string>> = {
  'run-duration': 'less a run',
  'chain-duration': 'less an execution of the chain',
  attempts: 'attempts fewer a run',
  failures: 'of the runs no longer fail',
}

function gainText({ estimate, low, high, unit, objective, by }: PredictedGain): string {
  const one = (value: number): string =>
    unit === 'ms' ? formatMs(value) : unit === 'share' ? `${round(value * 100)} %` : round(value)
  const how = by === 'simulation' ? 'by replaying recorded runs' : 'by arithmetic'
  return `${one(estimate)} ${objectives[objective]} (${one(low)} to ${one(high)} at 90 %, ${how})`
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}
