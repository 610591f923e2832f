// The codec's fast look: whether a payload is plain JSON as it stands, which nearly every payload is.

// Deeper or larger payloads are rare, and so every cycle ends here: the exact walk takes over and decides.
const deepest = 64
const mostContainers = 1_000_000

let containers = 0

/** Whether JSON carries `value` exactly; `false` also when this look cannot tell. */
export function isJson(value: unknown): boolean {
  containers = 0
  try {
    return survives(value, 0)
  } catch {
    return false // a getter or a proxy threw: the exact walk says where
  }
}

function survives(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      if (value === null) return true
      if (depth === deepest || ++containers > mostContainers) return false
      return Array.isArray(value) ? listSurvives(value, depth + 1) : objectSurvives(value, depth + 1)
    default:
      return false
  }
}

function listSurvives(list: readonly unknown[], depth: number): boolean {
  if (Object.getPrototypeOf(list) !== Array.prototype) return false
  for (let i = 0; i < list.length; i++) if (!survives(list[i], depth)) return false
  return true
}

function objectSurvives(object: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) return false
  const keys = Object.keys(object)
  if (keys.length === 1 && keys[0] === '$') return false
  for (const key of keys) if (!survives((object as Record<string, unknown>)[key], depth)) return false
  return true
}

const escaped = /["\\\p{Cc}\p{Cs}]/u

/**
 * Whether JSON writes this key with a backslash. V8 from 12.8 on may read such a key as another one
 * (https://github.com/nodejs/node/issues/63785), so that the codec never leaves one as a key.
 */
export function isEscapedKey(key: string): boolean {
  return escaped.test(key)
}

/** Whether any key in a payload that is JSON is written with a backslash. */
export function hasEscapedKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasEscapedKey)
  return Object.entries(value).some(([key, inner]) => isEscapedKey(key) || hasEscapedKey(inner))
}
