// What somebody gave, in an error that says what is wrong with it: whatever it is, and however much of it there is.

const longest = 200

/** Never throws, unlike `String` and `JSON.stringify`. */
export function shown(value: unknown): string {
  const text = textOf(value)
  return text.length <= longest ? text : `${text.slice(0, longest)}...`
}

function textOf(value: unknown): string {
  if (typeof value === 'symbol') return 'a symbol'
  try {
    const isNumber = typeof value === 'bigint' || typeof value === 'number'
    return (isNumber ? undefined : JSON.stringify(value)) ?? String(value)
  } catch {
    return `no plain ${typeof value}`
  }
}
