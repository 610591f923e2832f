// What a view of the inspector is made from: the store's reading side, the time, and how payloads may be shown.

import type { Payload } from '../../journal/event.ts'
import type { StoreReader } from '../../journal/store.ts'
import { decode } from '../../kernel/codec.ts'

/** Where a value that is to be shown comes from. */
export interface Origin {
  readonly run?: string
  readonly chain?: string
  readonly step?: string
}

export interface ViewSource {
  readonly reader: StoreReader
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** A value as it may be shown: JSON, redacted and capped; `what` it is: `input`, `output`, `payload`, `event`. */
  readonly show: (value: unknown, place: Origin & { readonly what: string }) => unknown
}

/** A payload as a field of a view: absent where there was none. */
export function shown<K extends string>(
  source: ViewSource,
  key: K,
  payload: Payload | undefined,
  { run, chain, step }: Origin,
): { readonly [N in K]?: unknown } {
  if (payload === undefined) return {}
  const place = {
    ...(run === undefined ? {} : { run }),
    ...(chain === undefined ? {} : { chain }),
    ...(step === undefined ? {} : { step }),
    what: key,
  }
  return { [key]: source.show(decode(payload), place) } as { readonly [N in K]?: unknown }
}
