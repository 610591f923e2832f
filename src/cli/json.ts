// Values as JSON for other programs: what JSON lacks is written as the nearest thing that it has.

/** A JSON document on one line, ended by a newline. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, nearest) ?? 'null'}\n`
}

/** A JSON document that people can read too. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, nearest, 2) ?? 'null'}\n`
}

function nearest(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map) {
    const entries = Array.from(value as ReadonlyMap<unknown, unknown>)
    return entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries) : entries
  }
  if (value instanceof Set) return Array.from(value as ReadonlySet<unknown>)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Error) return { name: value.name, message: value.message }
  return value
}
