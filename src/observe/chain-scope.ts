// What an attempt's function could read, as a hash: the same hash, the same input, whatever run it was in.

import type { Payload } from '../journal/event.ts'
import { decode, encode } from '../kernel/codec.ts'
import type { ChainRecord } from './chain-record.ts'
import { type Halves, addText, addUnit, fingerprint, finish, printed, unprinted } from './fingerprint.ts'

/** The items of an `each`. */
export interface Expanded {
  readonly at: number
  /** The rounds of the repeats around it. */
  readonly round: string | undefined
  /** What its items could read besides themselves, as a hash. */
  readonly scope: string
  /** Of each item; only of all together where they are many. */
  readonly items: ReadonlyMap<string, string> | string
}

/** What steps returned, as sums that do not tell which came first. */
export interface Outputs {
  /** Of each step; of an `each`, of all its items. */
  readonly steps: Map<string, Halves>
  readonly all: Halves
}

/** So many items of an expansion are told apart by what they are. */
const mostItems = 1_000

/** What a step returned; of an item, beside what the others did, in whatever order. */
export function keepOutput(
  { going }: ChainRecord,
  step: string,
  output: string | undefined,
  item?: string,
): void {
  going.scope = undefined
  const beside = item !== undefined && going.expanded?.has(step) === true
  if (!beside) dropOutput(going, step)
  const outputs = (going.outputs ??= { steps: new Map(), all: { a: 0, b: 0 } })
  const print = unprinted()
  addText(print, step)
  addUnit(print, 0)
  if (beside) addText(print, item)
  addUnit(print, 0)
  addText(print, output ?? '')
  finish(print)
  add(outputs.all, print)
  const known = outputs.steps.get(step)
  if (known === undefined) outputs.steps.set(step, print)
  else add(known, print)
}

/** What it returned counts no more. */
export function dropOutput(going: ChainRecord['going'], step: string): void {
  const { outputs } = going
  const known = outputs?.steps.get(step)
  if (outputs === undefined || known === undefined) return
  going.scope = undefined
  outputs.steps.delete(step)
  add(outputs.all, known)
}

/** What is added twice is not there. */
function add(to: Halves, { a, b }: Halves): void {
  to.a ^= a
  to.b ^= b
}

export function itemHashes(payload: Payload): Expanded['items'] {
  const { keys, items } = decode(payload) as {
    readonly keys: readonly string[]
    readonly items: readonly unknown[]
  }
  if (keys.length > mostItems) return fingerprint(payload)
  return new Map(keys.map((key, place) => [key, fingerprint(encode(items[place], 'item'))]))
}

/** The chains of a run, of which some are needed. */
type Chains = ReadonlyMap<string, ChainRecord>

/** All that functions of the chain may read by now, as a hash. */
export function scopeOf(chain: ChainRecord, chains: Chains): string {
  const { going, inputHash, needs } = chain
  if (going.scope !== undefined) return going.scope
  const print = unprinted()
  if (inputHash !== undefined) addText(print, inputHash)
  for (const { name, key } of needs) {
    addUnit(print, 0)
    addText(print, name)
    addUnit(print, 0)
    addText(print, chains.get(key)?.outputHash ?? '')
  }
  addUnit(print, 1)
  addUnit(print, going.outputs?.all.a ?? 0)
  addUnit(print, going.outputs?.all.b ?? 0)
  return (going.scope = printed(print))
}

/** Undefined for a user's own machine, whose actors get what only it knows. */
export function inputOf(
  chain: ChainRecord,
  { step, item }: { readonly step: string; readonly item?: string },
  chains: Chains,
): string | undefined {
  const expanded = item === undefined ? undefined : chain.going.expanded?.get(step)
  if (item !== undefined && expanded !== undefined) {
    const { round, scope, items } = expanded
    const key = round === undefined ? item : item.slice(round.length + 1)
    const print = unprinted()
    addText(print, scope)
    addUnit(print, 0)
    if (typeof items === 'string') {
      addText(print, items)
      addText(print, key)
    } else addText(print, items.get(key) ?? key)
    return printed(print)
  }
  return item === undefined || isRound.test(item) ? scopeOf(chain, chains) : undefined
}

const isRound = /^\d+(?:\/\d+)*$/
