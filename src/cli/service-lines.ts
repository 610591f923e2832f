// How services stand, from what their process last wrote, as lines for people.

import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { ServiceStatus } from '../engine/service-status.ts'
import { endCause } from './event-line.ts'

type Node = ServiceStatus['services'][number]

/** What is worth telling of all of them; `alive`, whether a process executes the store. */
export function serviceLines(status: ServiceStatus, now: number, alive: boolean): readonly string[] {
  const { services, state, cause } = status
  const only = services.filter(({ kind }) => kind === 'service')
  const ready = only.filter((one) => one.state === 'ready').length
  if (state === 'failed') {
    const ended = `all services have ended since ${formatTime(status.at, now)}: ${endCause({ cause: cause ?? 'intensity' })}; restart the process`
    return [ended, ...troubled(services).map((one) => `  ${serviceLine(one, now)}`)]
  }
  if (!alive)
    return only.length === 0 ? [] : [`services ended with their process; they start with the next one`]
  if (state === 'stopped') return []
  return [
    `${ready} of ${only.length} services ready`,
    ...troubled(services).map((one) => `  ${serviceLine(one, now)}`),
  ]
}

/** How one service or group stands, in a sentence. */
export function serviceLine(node: Node, now: number): string {
  if (node.kind === 'group') {
    const of =
      node.children === undefined ? '' : `, ${node.children.active} of ${node.children.all} children run`
    return `group ${node.id} is ${node.state}${node.cause === undefined ? '' : `: ${endCause({ cause: node.cause })}`}${of}`
  }
  const since = node.since === 0 ? '' : ` since ${formatTime(node.since, now)}`
  const starts = node.starts > 1 ? `, started ${node.starts} times` : ''
  const failure = node.failure === undefined ? '' : `: ${node.failure}`
  const due = node.due === undefined ? '' : `; it starts again in ${formatMs(Math.max(0, node.due - now))}`
  return `service ${node.id} is ${node.state}${since}${starts}${failure}${due}`
}

function troubled(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((one) =>
    one.kind === 'service' ? one.state !== 'ready' && one.state !== 'stopped' : one.state === 'failed',
  )
}
