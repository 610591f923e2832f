// What the name of a step in an assertion is about: which step, and in which chains of the run.

import { collect } from '../../chain/validate.ts'
import { type ChainSpec, type EntrySpec, walk } from '../../definition/spec.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { timelineOf } from '../../observe/timeline.ts'
import type { Harness } from './harness.ts'

/** Which of several calls by one step it is. */
const round = /^(?:\/(?:#\d+)+)?(?:~\d+)?$/

export interface Place {
  readonly step: string
  /** Undefined for what no entry is: a compensation, or a state of a user's own machine. */
  readonly kind: EntrySpec['kind'] | undefined
  /** Whether it is in this chain of the run, by its key and its id. */
  readonly isIn: (key: string, chain: string) => boolean
}

/** Steps of the chain under test go by their names alone. @throws CatenaryError STEP_UNKNOWN */
export function placeOf(t: Harness, name: string): Place {
  if (typeof name !== 'string') throw unknown(`the name of a step is no text: give one, such as 'fetch'`)
  const specs = new Map(collect(t.chains.map(({ spec }) => spec)).map((spec) => [spec.id, spec]))
  const slash = name.lastIndexOf('/')
  const where = slash < 0 ? t.chain.id : name.slice(0, slash)
  const step = name.slice(slash + 1)
  const chains = timelineOf(t.events())?.chains
  const spec = specs.get(chains?.get(where)?.node.chain ?? where) ?? specAt(where, specs)
  if (spec === undefined)
    throw unknown(
      `there is no chain "${where}": there are ${[...specs.keys()].join(', ')}; a call of one goes by chain/step`,
    )
  const entries = [...walk(spec.entries)]
  const entry = entries.find((one) => one.name === step)
  const isIn: Place['isIn'] = specs.has(where) ? (_, chain) => chain === where : (key) => key === where
  // what `needs` of a harness says instead of a chain has a step of another name
  const hasRun = [...(chains?.values() ?? [])].some(
    ({ node, steps }) => isIn(node.key, node.chain) && steps.has(step),
  )
  if (entry === undefined && spec.guest === undefined && !hasRun && !isUndone(entries, step))
    throw unknown(
      `chain "${spec.id}" has no step "${step}": it has ${entries.map((one) => one.name).join(', ') || 'none'}; a step of another chain goes by chain/step`,
    )
  return { step, kind: entry?.kind, isIn }
}

function isUndone(entries: readonly EntrySpec[], step: string): boolean {
  return entries.some(
    (one) => `${one.name}:compensation` === step && 'options' in one && one.options.compensate !== undefined,
  )
}

/** The chain of this id, or the one that is called there, also where that has not begun: `report/sub`, `report/each/item`. */
function specAt(path: string, specs: ReadonlyMap<string, ChainSpec>): ChainSpec | undefined {
  const own = specs.get(path)
  if (own !== undefined) return own
  for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
    const caller = specAt(path.slice(0, cut), specs)
    const rest = path.slice(cut + 1)
    for (const entry of walk(caller?.entries ?? [])) {
      if (!rest.startsWith(entry.name)) continue
      const after = rest.slice(entry.name.length)
      if (entry.kind === 'call' && round.test(after)) return entry.chain
      if (entry.kind === 'each' && typeof entry.body !== 'function' && after.startsWith('/'))
        return entry.body
    }
  }
  return undefined
}

function unknown(problem: string): CatenaryError {
  return new CatenaryError('STEP_UNKNOWN', problem)
}
