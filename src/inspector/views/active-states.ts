// Which states of a chain's statechart are active, told from what its journal says: no code of the machine is needed.

import type { Progressing } from '../../observe/step-timeline.ts'
import type { ChainTimeline } from '../../observe/timeline.ts'
import type { MachineNode } from '../protocol.ts'

/** A step that waits for a signal, and since when. */
export interface Waiting {
  readonly step: string
  readonly since: number
}

/** Ids of the active leaves and of all that hold them; empty where the chain has not begun or nothing is known of it. */
export function activeStates(
  { node, steps, machine }: ChainTimeline,
  chart: MachineNode | undefined,
  waits: readonly Waiting[],
): readonly string[] {
  if (chart === undefined || node.status === 'pending') return []
  const found = new Set<string>()
  if (machine !== undefined) ofValue(chart, machine, found)
  else if (node.status !== 'running') {
    const end = chart.states.find(({ key }) => key === node.status)
    if (end !== undefined) found.add(chart.id).add(end.id)
  } else {
    for (const step of steps.values())
      for (const { phase } of step.open.values()) light(chart, step.name, places[phase], found)
    for (const { step } of waits) light(chart, step, ['waiting'], found)
  }
  return [...found]
}

/** A state value of XState: a key, or an object of keys. */
function ofValue(node: MachineNode, value: unknown, found: Set<string>): void {
  found.add(node.id)
  const keys =
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.keys(value)
        : []
  for (const key of keys) {
    const child = node.states.find((one) => one.key === key)
    if (child !== undefined)
      ofValue(child, typeof value === 'string' ? undefined : (value as never)[key], found)
  }
}

/** What a step's state is called inside while it is at that. */
const places: Readonly<Record<Progressing['phase'], readonly string[]>> = {
  queued: ['running'],
  running: ['running', 'processing', 'calling', 'falling-back'],
  'backing-off': ['backing-off'],
  'until-due': ['sleeping', 'waiting'],
  calling: ['calling', 'processing'],
}

/** The state of that name, what it is at inside, and all that hold it. */
function light(node: MachineNode, step: string, inside: readonly string[], found: Set<string>): boolean {
  for (const child of node.states) {
    if (child.key === step) {
      found.add(node.id).add(child.id)
      const part = child.states.find(({ key }) => inside.includes(key))
      if (part !== undefined) found.add(part.id)
      return true
    }
    if (light(child, step, inside, found)) {
      found.add(node.id)
      return true
    }
  }
  return false
}
