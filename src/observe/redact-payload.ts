// Takes secrets out of recorded values, and leaves all else exactly as it was: types, order, and what was decided.

import { createKeyTest, hides, redacted, withoutSecrets } from '../kernel/secrets.ts'
import type { Payload } from '../journal/event.ts'

export interface PayloadRedactor {
  payload(text: Payload): Payload
  /** A value that JSON carries, such as the fields of an event. */
  value(plain: unknown): unknown
  text(text: string): string
  /** How many values and texts were changed. */
  readonly count: number
}

/** @param more patterns of keys whose values are secrets as well. */
export function createPayloadRedactor(more: readonly RegExp[] = []): PayloadRedactor {
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
  return {
    payload: (encoded) => JSON.stringify(walk(JSON.parse(encoded))),
    value: walk,
    text,
    get count() {
      return count
    },
  }
}
