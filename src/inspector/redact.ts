// Makes of any value what may leave the process: plain JSON, secrets taken out, and never more than the caps allow.

import { createKeyTest, hides, redacted, withoutSecrets } from '../kernel/secrets.ts'

/** Where a value that is to be shown comes from. */
export interface Place {
  readonly run?: string
  readonly chain?: string
  readonly step?: string
  /** What of it: `input`, `output`, `event`, `signal`, `attributes`, ... */
  readonly what: string
}

/** How much of one value is shown; what is left out is counted in its place. */
export interface Caps {
  /** Levels of nesting. Default 8. */
  readonly depth?: number
  /** Keys of one object, and entries of one list, map or set. Default 100. */
  readonly keys?: number
  /** Characters of one text. Default 2,000. */
  readonly text?: number
  /** Characters of the whole value as JSON, roughly. Default 32,768. */
  readonly size?: number
}

export interface RedactOptions {
  /**
   * Sees every value before it is shown, and gives what is to be shown instead. What it gives is redacted by keys and
   * capped as well; where it throws, nothing is shown. Default the value itself.
   */
  readonly redact?: (value: unknown, place: Place) => unknown
  /** Patterns of keys whose values are never shown, besides those that always hold. Default none. */
  readonly redactKeys?: readonly RegExp[]
  /** How much of a value is shown. Default 8 levels, 100 keys, 2,000 characters of a text, 32,768 in all. */
  readonly caps?: Caps
}

/** Makes a value fit to be shown. Never throws. */
export type Redactor = (value: unknown, place: Place) => unknown

/** One value on its way: what is left of its size, and what it is inside of. */
interface Walk {
  left: number
  readonly above: Set<object>
}

export function createRedactor({ redact, redactKeys = [], caps = {} }: RedactOptions = {}): Redactor {
  const { depth = 8, keys = 100, text = 2_000, size = 32_768 } = caps
  const isSecret = createKeyTest(redactKeys)

  const show = (value: unknown, level: number, walk: Walk): unknown => {
    if (walk.left <= 0) return '[left out: too large]'
    switch (typeof value) {
      case 'string':
        return spend(textOf(value), walk)
      case 'bigint':
        return spend(`${value}n`, walk)
      case 'number':
        walk.left -= 8
        return Number.isFinite(value) ? value : String(value)
      case 'boolean':
        walk.left -= 5
        return value
      case 'undefined':
        return undefined
      case 'object':
        return value === null ? null : showObject(value, level, walk)
      case 'symbol':
      case 'function':
        return `[${typeof value}]`
    }
  }

  const showObject = (value: object, level: number, walk: Walk): unknown => {
    if (value instanceof Date)
      return spend(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString(), walk)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return spend(`[${value.byteLength} bytes]`, walk)
    if (walk.above.has(value)) return '[circular]'
    if (level >= depth) return '[left out: too deep]'
    walk.above.add(value)
    try {
      if (Array.isArray(value)) return list(value, value.length, level, walk)
      if (value instanceof Set) return { Set: list(value, value.size, level, walk) }
      if (value instanceof Map) return { Map: pairs(value, level, walk) }
      return fields(value, level, walk)
    } finally {
      walk.above.delete(value)
    }
  }

  const list = (values: Iterable<unknown>, length: number, level: number, walk: Walk): unknown[] => {
    const shown: unknown[] = []
    for (const value of values) {
      if (shown.length >= keys || walk.left <= 0) {
        shown.push(`[${length - shown.length} more left out]`)
        break
      }
      shown.push(show(value, level + 1, walk) ?? null)
    }
    return shown
  }

  const pairs = (map: ReadonlyMap<unknown, unknown>, level: number, walk: Walk): unknown[] => {
    const shown: unknown[] = []
    for (const [key, value] of map) {
      if (shown.length >= keys || walk.left <= 0) {
        shown.push(`[${map.size - shown.length} more left out]`)
        break
      }
      const secret = typeof key === 'string' && isSecret(key) && hides(value)
      shown.push([
        show(key, level + 1, walk) ?? null,
        secret ? redacted : (show(value, level + 1, walk) ?? null),
      ])
    }
    return shown
  }

  const fields = (value: object, level: number, walk: Walk): Record<string, unknown> => {
    const shown: Record<string, unknown> = {}
    const own = Object.keys(value)
    // an error keeps these where nobody lists them
    const names = value instanceof Error ? [...new Set(['name', 'message', 'stack', ...own])] : own
    let count = 0
    for (const name of names) {
      if (count >= keys || walk.left <= 0) {
        put(shown, '...', `[${names.length - count} more left out]`)
        break
      }
      count++
      const one = (value as Record<string, unknown>)[name]
      const key = spend(name.length > 256 ? `${name.slice(0, 256)}...` : name, walk)
      const result = isSecret(name) && hides(one) ? redacted : show(one, level + 1, walk)
      if (result !== undefined) put(shown, key, result)
    }
    return shown
  }

  const textOf = (given: string): string => {
    const cut = given.length > text ? given.slice(0, text) : given
    const clean = withoutSecrets(cut)
    return cut.length < given.length ? `${clean}... [${given.length - text} more characters]` : clean
  }

  return (value, place) => {
    try {
      const walk = { left: size, above: new Set<object>() }
      const seen = redact === undefined ? value : redact(value, place)
      return show(seen, 0, walk)
    } catch {
      return '[withheld: it could not be redacted]'
    }
  }
}

function spend(shown: string, walk: Walk): string {
  walk.left -= shown.length + 2
  return shown
}

/** As an own field, whatever its name: `__proto__` too. */
function put(into: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') into[key] = value
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
}
