// What an attempt's function could read, as a hash: the same hash, the same input, whatever run it was in.

import type { Payload } from '../journal/event.ts'
import { decode, encode } from '../kernel/codec.ts'
import type { ChainRecord } from './chain-record.ts'
import { fingerprint } from './fingerprint.ts'

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
  if (item === undefined || !going.expanded.has(step)) going.outputs.set(step, output ?? '')
  else {
    const others = going.outputs.get(step) ?? '0'
    const own = fingerprint(`${item}=${output ?? ''}`)
    going.outputs.set(step, (BigInt(`0x${others}`) ^ BigInt(`0x${own}`)).toString(16))
  }
}

export function itemHashes(payload: Payload): Expanded['items'] {
  const { keys, items } = decode(payload) as {
    readonly keys: readonly string[]
    readonly items: readonly unknown[]
  }
  if (keys.length > mostItems) return fingerprint(payload)
  return new Map(keys.map((key, place) => [key, fingerprint(encode(items[place], 'item'))]))
}

/** All that functions of the chain may read by now, as a hash. */
export function scopeOf(chain: ChainRecord, needs: () => string): string {
  const { going, inputHash } = chain
  going.scope ??= fingerprint(
    [inputHash ?? '', needs(), ...Array.from(going.outputs, ([step, of]) => `${step}=${of}`).sort()].join(
      '\n',
    ),
  )
  return going.scope
}

/** Undefined for a user's own machine, whose actors get what only it knows. */
export function inputOf(
  chain: ChainRecord,
  { step, item }: { readonly step: string; readonly item?: string },
  needs: () => string,
): string | undefined {
  const expanded = item === undefined ? undefined : chain.going.expanded.get(step)
  if (item !== undefined && expanded !== undefined) {
    const { round, scope, items } = expanded
    const key = round === undefined ? item : item.slice(round.length + 1)
    const own = typeof items === 'string' ? `${items}/${key}` : (items.get(key) ?? key)
    return fingerprint(`${scope}\n${own}`)
  }
  return item === undefined || isRound.test(item) ? scopeOf(chain, needs) : undefined
}

const isRound = /^\d+(?:\/\d+)*$/
