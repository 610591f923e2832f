// The end of a supervisor: all children stop, the last started first, and then it ends, once.

import { type Hearing, refuse } from './hearing.ts'
import type { EndCause, Work } from './state.ts'
import { strategies } from './strategies.ts'

/** Stops all children, the last started first, and then ends. */
export function end({ of }: Hearing, cause: EndCause): void {
  of.phase = 'stopping'
  of.work = strategies[of.spec.strategy].dynamic
    ? [{ op: 'end', cause }, { op: 'stop-all' }]
    : [
        { op: 'end', cause },
        ...Array.from(of.children.keys(), (child): Work => ({ op: 'stop', child, why: 'end' })),
      ]
}

export function conclude(hearing: Hearing, cause: EndCause): void {
  const { of, orders } = hearing
  of.cause = cause
  of.phase = cause === 'stop' || cause === 'auto_shutdown' ? 'stopped' : 'failed'
  for (const heard of of.queue) if (heard.type === 'admin') refuse(hearing, heard.call, 'noproc')
  of.queue = []
  orders.push({
    do: 'ended',
    cause,
    ...(of.failedStart === undefined ? {} : { failedStart: of.failedStart }),
  })
}
