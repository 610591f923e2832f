// What a supervisor does one thing at a time: starts a child, stops one, and settles what came of it.

import { conclude, end } from './ending.ts'
import { become, type Hearing, refuse, remove, reply, rest } from './hearing.ts'
import { retryLater } from './restart.ts'
import type { Child, ExitReason, SupervisionEvent, Work } from './state.ts'

/** Does the next thing; where that takes its time, the supervisor awaits it. */
export function perform(hearing: Hearing, work: Work): void {
  const { of, orders } = hearing
  switch (work.op) {
    case 'start': {
      const child = of.children.get(work.child)
      if (child === undefined || !child.wanted) return
      child.wanted = false
      child.life = ++of.lives
      become(of, child, 'starting')
      of.awaiting = work
      orders.push({ do: 'start', child: work.child, life: child.life, why: work.why })
      return
    }
    case 'stop': {
      const child = of.children.get(work.child)
      if (child === undefined) return
      if (child.status === 'running' && !child.gone) {
        of.awaiting = work
        askToStop(hearing, child)
      } else stopped(hearing, child, work)
      return
    }
    case 'stop-all': {
      of.left = 0
      for (const child of Array.from(of.children.values())) {
        if (child.status === 'running' && !child.gone) of.left++
        else remove(hearing, child)
      }
      if (of.left === 0) return
      of.awaiting = work
      for (const child of of.children.values()) askToStop(hearing, child)
      return
    }
    case 'up':
      of.phase = 'running'
      orders.push({ do: 'up' })
      return
    case 'end':
      return conclude(hearing, work.cause)
  }
}

function askToStop({ of, at, orders }: Hearing, child: Child): void {
  const { id, shutdown } = child.spec
  const { life } = child
  become(of, child, 'stopping')
  if (shutdown === 'brutal_kill') orders.push({ do: 'kill', child: id, life })
  else orders.push({ do: 'shutdown', child: id, life, until: shutdown === 'infinity' ? null : at + shutdown })
}

/** The child runs no more, as was asked for. */
export function stopped(hearing: Hearing, child: Child, work: Work & { readonly op: 'stop' }): void {
  const { orders } = hearing
  if (child.waits) {
    child.waits = false
    orders.push({ do: 'forget-back-off', child: child.spec.id })
  }
  child.gone = false
  if (work.why !== 'restart') child.wanted = false
  rest(hearing, child)
  if (work.why === 'terminate-child') reply(hearing, work.call, { ok: true })
}

type StartEnd = Extract<SupervisionEvent, { readonly type: 'started' | 'start-ignored' | 'start-failed' }>

/** The child that it awaits has started, or not. */
export function settleStart(hearing: Hearing, event: StartEnd): void {
  const { of, at } = hearing
  const work = of.awaiting
  const child = of.children.get(event.child)
  if (work?.op !== 'start' || child === undefined) return
  of.awaiting = undefined
  if (event.type === 'start-failed') return startFailed(hearing, { child, work, reason: event.reason })
  if (event.type === 'started') {
    become(of, child, 'running')
    child.startedAt = at
  } else rest(hearing, child)
  if ('call' in work)
    reply(hearing, work.call, { ok: true, status: event.type === 'started' ? 'running' : 'ignored' })
}

function startFailed(
  hearing: Hearing,
  { child, work, reason }: { child: Child; work: Work & { readonly op: 'start' }; reason: ExitReason },
): void {
  const { of } = hearing
  const { id } = child.spec
  switch (work.why) {
    case 'boot':
      become(of, child, 'stopped')
      of.failedStart = { child: id, reason }
      return end(hearing, 'start_failed')
    case 'restart':
      // the rest of its group waits for the next attempt
      of.work = []
      return retryLater(hearing, child)
    case 'start-child':
      remove(hearing, child)
      return refuse(hearing, work.call, 'start_failed', reason)
    case 'restart-child':
      become(of, child, 'stopped')
      return refuse(hearing, work.call, 'start_failed', reason)
  }
}
