// Numbers, durations and moments as people read them.

/** Such as `840 ms`, `1.24 s`, `3 min 12 s`, `2 h 05 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const value = Math.max(0, ms)
  if (value < 1) return '0 ms'
  if (value < 1_000) return `${Math.round(value)} ms`
  if (value < 10_000) return `${(value / 1_000).toFixed(2)} s`
  if (value < 60_000) return `${(value / 1_000).toFixed(1)} s`
  const seconds = Math.round(value / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
  const hours = Math.floor(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Such as `12 s ago`, `in 3 min`: one unit, as it changes all the time. */
export function relative(at: number, now: number): string {
  const ms = now - at
  const text = rough(Math.abs(ms))
  if (text === undefined) return ms >= -1_000 ? 'just now' : 'now'
  return ms >= 0 ? `${text} ago` : `in ${text}`
}

/** One unit; undefined under two seconds. */
export function rough(ms: number): string | undefined {
  if (ms < 2_000) return undefined
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h`
  return `${Math.floor(ms / 86_400_000)} d`
}

const absoluteFormat = new Intl.DateTimeFormat('sv-SE', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})
const clockFormat = new Intl.DateTimeFormat('sv-SE', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

/** `2026-05-04 10:02:07,123`, in the time zone of whoever looks. */
export const absolute = (at: number): string => absoluteFormat.format(at).replace(',', '.')
export const timeOfDay = (at: number): string => clockFormat.format(at).replace(',', '.')

const integers = new Intl.NumberFormat('en-US')
export const count = (value: number): string => integers.format(value)
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** The beginning of a run's id, enough to tell it by. */
export const shortId = (run: string): string =>
  run.length > 14 ? `${run.slice(0, 8)}…${run.slice(-4)}` : run

/** What is told in the middle of a line elsewhere, told by itself. */
export function alone(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
