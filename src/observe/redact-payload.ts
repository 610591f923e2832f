// Takes secrets out of recorded values, and leaves all else exactly as it was: types, order, and what was decided.

import { decode, encode } from '../kernel/codec.ts'
import { createKeyTest, hides, redacted, withoutSecrets } from '../kernel/secrets.ts'
import type { Payload } from '../journal/event.ts'

/** Where a value stands. */
export interface ValuePlace {
  readonly run?: string
  readonly chain?: string
  readonly step?: string
  /** What of it: `payload`, `input`, `attributes`, `event`. */
  readonly what: string
}

/** What a value is instead: before its keys and texts are looked at. */
export type Replace = (value: unknown, place: ValuePlace) => unknown

export interface PayloadRedactor {
  payload(text: Payload, place?: ValuePlace): Payload
  /** A value that JSON carries, such as the fields of an event. */
  value(plain: unknown): unknown
  text(text: string, place?: ValuePlace): string
  /** How many values and texts were changed. */
  readonly count: number
}

const withheld = '[withheld: it could not be redacted]'

/** @param more patterns of keys whose values are secrets as well. */
export function createPayloadRedactor(more: readonly RegExp[] = [], replace?: Replace): PayloadRedactor {
  const isSecret = createKeyTest(more)
  let count = 0

  const text = (given: string): string => {
    const clean = withoutSecrets(given)
    if (clean !== given) count++
    return clean
  }
  const under = (key: unknown, value: unknown): unknown => {
    if (typeof key !== 'string' || !isSecret(key) || !hides(value) || value === redacted) return walk(value)
    count++
    return redacted
  }
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(walk)
    const keys = Object.keys(value)
    const { $: tag } = value as { readonly $?: unknown }
    if (keys.length === 1 && tag !== undefined) return { $: tagged(tag) }
    return Object.fromEntries(
      keys.map((key) => [key, under(key, (value as Record<string, unknown>)[key])] as const),
    )
  }
  /** What the codec wrote for a value that JSON does not carry. */
  const tagged = (tag: unknown): unknown => {
    if (!Array.isArray(tag)) return tag
    const [name, body] = tag as [unknown, unknown]
    if ((name === 'map' || name === 'entries') && Array.isArray(body))
      return [
        name,
        (body as readonly [unknown, unknown][]).map(([key, value]) => [
          name === 'map' ? walk(key) : key,
          under(key, value),
        ]),
      ]
    return name === 'bytes' || name === 'date' || name === 'bigint' ? tag : [name, walk(body)]
  }
  const instead = (encoded: Payload, place: ValuePlace): Payload => {
    if (replace === undefined) return encoded
    let replaced: Payload
    try {
      replaced = encode(replace(decode(encoded), place), 'what redact gave')
    } catch {
      replaced = encode(withheld, withheld)
    }
    if (replaced !== encoded) count++
    return replaced
  }
  return {
    payload: (encoded, place = { what: 'payload' }) =>
      JSON.stringify(walk(JSON.parse(instead(encoded, place)))),
    value: walk,
    text(given, place = { what: 'event' }) {
      if (replace === undefined) return text(given)
      const shown = decode(instead(encode(given, 'a text'), place))
      return typeof shown === 'string' ? text(shown) : withheld
    },
    get count() {
      return count
    },
  }
}
