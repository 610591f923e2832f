// What holds of every run, whatever its chain is about: nobody has to write it.

import { type ChainSpec, type EntrySpec, walk } from '../../definition/spec.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { counting } from '../../journal/rewound.ts'
import type { Invariant } from './seen.ts'

interface Of {
  readonly chain: string
  readonly step: string
  readonly item?: string
}

const key = ({ chain, step, item }: Of): string => JSON.stringify([chain, step, item])
const nameOf = ({ chain, step, item }: Of): string =>
  `${step}${item === undefined ? '' : `[${item}]`} of ${chain}`

/** @param specs the chains of the run, by id. */
export function ownInvariants(specs: ReadonlyMap<string, ChainSpec>): Readonly<Record<string, Invariant>> {
  return {
    'what was committed does not run again': ({ events }) => runsAgain(events),
    'a chain that did not succeed has undone what it began, the last first': ({ events, end }) =>
      end === undefined || end.status === 'needs-attention' ? undefined : notUndone(events, specs),
    'the machine can go on from its journal': ({ end }) =>
      end?.status !== 'needs-migration' || 'the run is parked: its journal and its machine part',
  }
}

function runsAgain(events: readonly JournalEvent[]): string | undefined {
  const done = new Set<string>()
  for (const event of counting(events)) {
    if (event.type === 'attempt.succeeded') done.add(key(event))
    if (event.type === 'attempt.started' && done.has(key(event)))
      return `${nameOf(event)} had succeeded, and starts again at seq ${event.seq}`
  }
  return undefined
}

/** What surely has to be undone: it succeeded, or was lost with its process. */
function notUndone(
  events: readonly JournalEvent[],
  specs: ReadonlyMap<string, ChainSpec>,
): string | undefined {
  const ended = new Set(
    events.flatMap((event) =>
      event.type === 'chain.ended' && (event.status === 'failed' || event.status === 'cancelled')
        ? [event.chain]
        : [],
    ),
  )
  for (const chain of ended) {
    const undoable = new Set(
      [...walk(specs.get(chain)?.entries ?? [])].flatMap((entry) => (isUndoable(entry) ? [entry.name] : [])),
    )
    const begun: string[] = []
    const due = new Set<string>()
    const undone: string[] = []
    for (const event of counting(events)) {
      if (!('step' in event) || event.step === undefined || event.chain !== chain) continue
      const step = event.step.replace(/:(?:fallback|compensation)$/, '')
      if (!undoable.has(step)) continue
      const name = nameOf({ ...event, step })
      if (event.step.endsWith(':compensation')) {
        if (event.type === 'attempt.succeeded') undone.push(name)
        continue
      }
      if (event.type === 'attempt.started' && !begun.includes(name)) begun.push(name)
      if (event.type === 'attempt.succeeded' || event.type === 'attempt.lost') due.add(name)
    }
    // what a person gave up is told as that
    const gaveUp = events.some(({ type }) => type === 'compensation.given-up')
    const givenUp = counting(events).flatMap((event) =>
      gaveUp && event.type === 'chain.ended' && event.chain === chain ? (event.uncompensated ?? []) : [],
    )
    const excused = new Set(givenUp.map((one) => nameOf({ ...one, chain })))
    const left = [...due].find((name) => !undone.includes(name) && !excused.has(name))
    if (left !== undefined) return `${left} was not undone`
    const order = begun.filter((name) => undone.includes(name)).toReversed()
    if (order.join() !== undone.join())
      return `undone were ${undone.join(', ')}, begun were ${begun.join(', ')}`
  }
  return undefined
}

const isUndoable = (entry: EntrySpec): boolean =>
  (entry.kind === 'step' || entry.kind === 'each') && entry.options.compensate !== undefined
