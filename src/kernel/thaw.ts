// A copy that may be changed: what the codec reads back is frozen, and some code owns what it is handed.

/** Copies arrays, plain objects, maps and sets all the way down; dates, bytes and errors stay as they are. */
export function thaw<T>(value: T): T {
  return copy(value) as T
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copy)
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [copy(key), copy(entry)]))
  if (value instanceof Set) return new Set([...value].map(copy))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copy(entry)]))
}
