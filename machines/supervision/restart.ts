// Restarts: what each attempt costs and whom it takes along, and when the next one comes.

import { end } from './ending.ts'
import { become, type Hearing, rest, starts } from './hearing.ts'
import { spendRestart } from './intensity.ts'
import type { Child, Work } from './state.ts'
import { strategies } from './strategies.ts'

/** One attempt, which costs one restart, whomever it takes along. */
export function restart(hearing: Hearing, child: Child): void {
  const { of, at } = hearing
  if (!spendRestart(of, at)) {
    rest(hearing, child)
    return end(hearing, 'intensity')
  }
  const { id } = child.spec
  const affected = strategies[of.spec.strategy].affected(of.children.keys(), id)
  for (const one of affected) {
    const sibling = of.children.get(one)
    if (sibling === undefined) continue
    if (one === id || sibling.status !== 'stopped' || of.spec.reviveStopped) sibling.wanted = true
  }
  become(of, child, 'restarting')
  of.work = [
    ...starts(affected, 'restart').reverse(),
    ...affected.filter((one) => one !== id).map((one): Work => ({ op: 'stop', child: one, why: 'restart' })),
  ]
}

/** Leaves the queue its turn before the next attempt, as OTP does; with a backoff, time too. */
export function retryLater({ of, orders }: Hearing, child: Child): void {
  const { id, backoff } = child.spec
  become(of, child, 'restarting')
  if (backoff === undefined) {
    of.queue.push({ type: 'retry', child: id })
    return
  }
  child.failures++
  child.waits = true
  orders.push({ do: 'back-off', child: id, failures: child.failures })
}
