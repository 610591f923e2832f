// A moment as seen from now, its full date on hover.

import type { JSX } from 'preact'
import { tick } from '../state/tick.ts'
import { absolute, duration, relative } from './format.ts'

export function Ago({ at }: { readonly at: number }): JSX.Element {
  return (
    <time dateTime={new Date(at).toISOString()} title={absolute(at)}>
      {relative(at, tick.value)}
    </time>
  )
}

/** How long it took, or has taken so far. */
export function Took({
  from,
  to,
}: {
  readonly from: number
  readonly to: number | null | undefined
}): JSX.Element {
  const until = to ?? tick.value
  return (
    <span title={`${absolute(from)} to ${to === null || to === undefined ? 'now' : absolute(to)}`}>
      {duration(until - from)}
    </span>
  )
}

/** How long until then, to the second. */
export function Countdown({ to }: { readonly to: number }): JSX.Element {
  const left = to - tick.value
  return (
    <time dateTime={new Date(to).toISOString()} title={absolute(to)}>
      {left > 0 ? `in ${duration(Math.ceil(left / 1_000) * 1_000)}` : 'due'}
    </time>
  )
}
