// The reducer of a supervisor: what it hears becomes what it orders, step by step as OTP's `supervisor` does it.

import { administer } from './administer.ts'
import { end } from './ending.ts'
import { type Hearing, refuse, remove, rest, starts } from './hearing.ts'
import { restart, retryLater } from './restart.ts'
import type { Child, ExitReason, Queued, Supervision, SupervisionCommand, SupervisionEvent } from './state.ts'
import { perform, settleStart, stopped } from './working.ts'

/**
 * Applies an event to the supervisor in place and gives what is to be done, in order. Events that it does not wait
 * for while it starts or stops a child are kept until it has done so, as in a mailbox; stale ones are ignored.
 */
export function supervise(of: Supervision, event: SupervisionEvent): readonly SupervisionCommand[] {
  const hearing: Hearing = { of, at: event.at, orders: [] }
  hear(hearing, event)
  goOn(hearing)
  return hearing.orders
}

function hear(hearing: Hearing, event: SupervisionEvent): void {
  const { of } = hearing
  switch (event.type) {
    case 'start':
      if (of.phase !== 'idle') return
      of.phase = 'starting'
      of.work = [{ op: 'up' }, ...starts(of.children.keys(), 'boot').reverse()]
      return
    case 'started':
    case 'start-ignored':
    case 'start-failed':
      if (awaits(of, event)) settleStart(hearing, event)
      return
    case 'exited':
      return hearExit(hearing, event)
    case 'deadline': {
      const child = of.children.get(event.child)
      if (child?.status !== 'stopping' || !isLife(child, event)) return
      hearing.orders.push({ do: 'kill', child: event.child, life: child.life })
      return
    }
    case 'due': {
      const child = of.children.get(event.child)
      if (child === undefined || !child.waits) return
      child.waits = false
      of.queue.push({ type: 'retry', child: event.child })
      return
    }
    case 'admin':
      if (of.phase === 'idle' || isOver(of)) refuse(hearing, event.call, 'noproc')
      else of.queue.push(event)
      return
    case 'stop':
      if (of.phase === 'idle') of.work = [{ op: 'end', cause: 'stop' }]
      else if (!isOver(of)) of.queue.push({ type: 'stop' })
  }
}

/** Does what is left to do, then what it heard meanwhile, until it has to wait. */
function goOn(hearing: Hearing): void {
  const { of } = hearing
  while (of.awaiting === undefined) {
    const next = of.work.pop()
    if (next !== undefined) {
      perform(hearing, next)
      continue
    }
    const heard = isOver(of) ? undefined : of.queue.shift()
    if (heard === undefined) break
    handle(hearing, heard)
  }
  if (of.phase === 'running' || of.phase === 'restarting') {
    const { awaiting } = of
    const restarts = awaiting !== undefined && 'why' in awaiting && awaiting.why === 'restart'
    of.phase = restarts || of.restarting > 0 ? 'restarting' : 'running'
  }
}

function handle(hearing: Hearing, heard: Queued): void {
  const { of } = hearing
  switch (heard.type) {
    case 'stop':
      return end(hearing, 'stop')
    case 'admin':
      return administer(hearing, heard.call, heard.ask)
    case 'retry': {
      const child = of.children.get(heard.child)
      if (child?.status === 'restarting' && !child.waits) restart(hearing, child)
      return
    }
    case 'exited': {
      const child = of.children.get(heard.child)
      // who stopped it meanwhile knew that it was gone
      if (child === undefined || !child.gone || child.life !== heard.life) return
      child.gone = false
      settleExit(hearing, child, heard.reason)
    }
  }
}

// children that end

function hearExit(hearing: Hearing, event: SupervisionEvent & { readonly type: 'exited' }): void {
  const { of } = hearing
  const child = of.children.get(event.child)
  if (child === undefined || !isLife(child, event)) return
  if (awaits(of, event)) return settleStart(hearing, { ...event, type: 'start-failed' })
  if (child.status === 'stopping') {
    const { awaiting } = of
    if (awaiting?.op === 'stop-all') {
      remove(hearing, child)
      if (--of.left === 0) of.awaiting = undefined
    } else if (awaiting?.op === 'stop') {
      of.awaiting = undefined
      stopped(hearing, child, awaiting)
    }
    return
  }
  if (child.status !== 'running' || child.gone) return
  child.gone = true
  of.queue.push({ type: 'exited', child: event.child, life: child.life, reason: event.reason })
}

function settleExit(hearing: Hearing, child: Child, reason: ExitReason): void {
  const { of } = hearing
  const { spec } = child
  const inOrder = reason === 'normal' || reason === 'shutdown'
  if (spec.restart === 'permanent' || (spec.restart === 'transient' && !inOrder)) {
    const { backoff } = spec
    if (backoff === undefined) return restart(hearing, child)
    if (hearing.at - child.startedAt >= backoff.resetAfter) child.failures = 0
    return retryLater(hearing, child)
  }
  rest(hearing, child)
  if (!spec.significant || of.spec.autoShutdown === 'never') return
  if (of.spec.autoShutdown === 'all_significant') {
    for (const other of of.children.values()) {
      if (other.spec.significant && other.status !== 'stopped') return
    }
  }
  end(hearing, 'auto_shutdown')
}

const isOver = ({ phase }: Supervision): boolean => phase === 'stopped' || phase === 'failed'

const isLife = (child: Child, { life }: { readonly life?: number }): boolean =>
  life === undefined || life === child.life

function awaits(
  { awaiting, children }: Supervision,
  event: { readonly child: string; readonly life?: number },
): boolean {
  const child = children.get(event.child)
  return (
    awaiting?.op === 'start' && awaiting.child === event.child && child !== undefined && isLife(child, event)
  )
}
