// JSON that is the same bytes for the same data, whatever order it was put together in.

/** Keys sorted by code unit, two spaces, one newline at the end. */
export function canonical(value: unknown): string {
  return `${JSON.stringify(value, sorted, 2)}\n`
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
