// A trace: one run as its journal tells it, in one file that a test elsewhere can replay; read, and refused where it is none.

import type { ChainDeclaration } from '../definition/declaration.ts'
import type { JournalEvent } from '../journal/event.ts'
import { CatenaryError } from '../kernel/errors.ts'

export const traceFormat = 'catenary-trace'
/** Raised where a reader of before could not replay it. */
export const traceSchema = 1

/** One run, with all chains that it needed or called. */
export interface Trace {
  readonly format: typeof traceFormat
  readonly schema: typeof traceSchema
  readonly run: string
  /** Every chain of the run, with its version: the hash of its machine's structure, and the author's own. */
  readonly chains: readonly { readonly id: string; readonly version: string }[]
  /** How these chains were declared last before the run ended; none where the store does not say. */
  readonly declared: readonly ChainDeclaration[]
  /** How many values and texts were left out as secrets. */
  readonly redacted: number
  /** When another process took the store up, between events of the run. */
  readonly processes: readonly { readonly seq: number; readonly at: number }[]
  /** All that is recorded of the run, in order, times in ms since the epoch. */
  readonly events: readonly JournalEvent[]
}

/** A trace as text: one line for each event, so that two of them can be compared by eye. */
export function traceText({ events, processes, declared, ...head }: Trace): string {
  const lines = (list: readonly unknown[]): string =>
    list.length === 0 ? '[]' : `[\n${list.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
  const fields = Object.entries(head).map(([key, value]) => `  "${key}": ${JSON.stringify(value)}`)
  return `{\n${[
    ...fields,
    `  "declared": ${lines(declared)}`,
    `  "processes": ${lines(processes)}`,
    `  "events": ${lines(events)}`,
  ].join(',\n')}\n}\n`
}

/**
 * The trace that a text, or what was parsed of one, holds.
 *
 * @param where names it for people.
 * @throws CatenaryError BAD_TRACE
 */
export function readTrace(given: unknown, where: string): Trace {
  const read = typeof given === 'string' ? parsed(given, where) : given
  if (!isObject(read) || read['format'] !== traceFormat)
    throw bad(where, 'is no trace of a run: write one by `catenary trace <run> --out FILE`')
  const { schema, run, events, processes, chains, declared } = read
  if (typeof schema === 'number' && schema > traceSchema)
    throw bad(where, `was written by a newer release (schema ${schema}): update the package here`)
  const problems = [
    ...(schema === traceSchema ? [] : ['its schema is no number that this release knows']),
    ...(typeof run === 'string' ? [] : ['it names no run']),
    ...(isList(chains, (one) => typeof one['id'] === 'string' && typeof one['version'] === 'string')
      ? []
      : ['its chains are no list of ids and versions']),
    ...(isList(declared, (one) => typeof one['id'] === 'string') ? [] : ['its declarations are no list']),
    ...(isList(processes, (one) => isTime(one['at']) && isTime(one['seq']))
      ? []
      : ['its processes are no list of times']),
    ...(isList(events, () => true)
      ? problemsOf(events as readonly JournalEvent[], run)
      : ['it has no events']),
  ]
  if (problems.length > 0)
    throw bad(where, `cannot be replayed, as ${problems.join('; ')}: write it anew by \`catenary trace\``)
  return read as unknown as Trace
}

function problemsOf(events: readonly JournalEvent[], run: unknown): readonly string[] {
  const found = events.findIndex(
    ({ type, seq, at, run: of }, index) =>
      typeof type !== 'string' ||
      !isTime(at) ||
      !isTime(seq) ||
      of !== run ||
      seq <= (events[index - 1]?.seq ?? 0),
  )
  if (found >= 0) return [`event ${found + 1} is not the next one of the run`]
  return events[0]?.type === 'run.accepted' &&
    Array.isArray(events[0].targets) &&
    Array.isArray(events[0].plan)
    ? []
    : ['its first event is not the acceptance of the run']
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const cut = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}')
    throw bad(
      where,
      cut ? 'was cut off: copy it whole' : 'is no JSON: give a file that `catenary trace` wrote',
      cause,
    )
  }
}

function bad(where: string, problem: string, cause?: unknown): CatenaryError {
  return new CatenaryError('BAD_TRACE', `${where} ${problem}`, cause === undefined ? {} : { cause })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(
  value: unknown,
  fits: (one: Readonly<Record<string, unknown>>) => boolean,
): value is readonly unknown[] {
  return Array.isArray(value) && value.every((one) => isObject(one) && fits(one))
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
