// Moments as people read them: in their own time zone, no longer than they need to be told apart.

const two = (value: number): string => String(value).padStart(2, '0')

/**
 * A moment (ms since the epoch) in local time: `10:02:07` where it is on the day of `now`, else `2026-11-22 10:02`.
 */
export function formatTime(at: number, now: number): string {
  const moment = new Date(at)
  if (Number.isNaN(moment.getTime())) return 'an unknown time'
  const clock = `${two(moment.getHours())}:${two(moment.getMinutes())}`
  const day = dayOf(moment)
  return day === dayOf(new Date(now)) ? `${clock}:${two(moment.getSeconds())}` : `${day} ${clock}`
}

function dayOf(moment: Date): string {
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
}
