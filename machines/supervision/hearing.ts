// What one event is heard with, and the small changes that every part of the reducer makes.

import type { AdminAnswer, AdminError } from './admin.ts'
import type { Child, ChildStatus, Supervision, SupervisionCommand, Work } from './state.ts'
import { strategies } from './strategies.ts'

/** One event at work: on which supervisor, when (ms), and what it has ordered so far. */
export interface Hearing {
  readonly of: Supervision
  readonly at: number
  readonly orders: SupervisionCommand[]
}

export function become(of: Supervision, child: Child, status: ChildStatus): void {
  if (child.status === 'restarting') of.restarting--
  if (status === 'restarting') of.restarting++
  child.status = status
}

/** The child goes, its spec too. */
export function remove({ of, orders }: Hearing, child: Child): void {
  if (child.waits) orders.push({ do: 'forget-back-off', child: child.spec.id })
  become(of, child, 'stopped')
  of.children.delete(child.spec.id)
  orders.push({ do: 'removed', child: child.spec.id })
}

/** It runs no more: its spec stays, unless it is temporary or of a dynamic group. */
export function rest(hearing: Hearing, child: Child): void {
  const { of } = hearing
  if (child.spec.restart === 'temporary' || strategies[of.spec.strategy].dynamic) remove(hearing, child)
  else become(of, child, 'stopped')
}

export const starts = (ids: Iterable<string>, why: 'boot' | 'restart'): Work[] =>
  Array.from(ids, (child): Work => ({ op: 'start', child, why }))

export function reply({ orders }: Hearing, call: string, answer: AdminAnswer): void {
  orders.push({ do: 'reply', call, answer })
}

export function refuse(hearing: Hearing, call: string, error: AdminError, reason?: string): void {
  reply(hearing, call, { ok: false, error, ...(reason === undefined ? {} : { reason }) })
}
