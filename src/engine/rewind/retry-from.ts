// Finds where a retry is to go on from: a step of a chain of the run, or the beginning of a chain.

import type { ChainSpec } from '../../definition/spec.ts'
import { walk } from '../../definition/spec.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { ownerOf } from '../../journal/rewound.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { beginningOf } from './failed-steps.ts'
import type { History } from './plan-retry.ts'

/** A step's name where only one chain of the run has it; or a chain of the run, and a step of it. */
export type RetryFrom = string | { readonly chain: string; readonly step?: string }

interface Found {
  readonly named: { readonly chain: string; readonly step?: string }
  /** The last `seq` before it began. */
  readonly to: number
}

export function findFrom(
  { state, of }: History,
  from: RetryFrom,
  spec: (chain: string) => ChainSpec | undefined,
): Found {
  const unknown = (problem: string): CatenaryError =>
    new CatenaryError('STEP_UNKNOWN', `run ${state.run} cannot go on from there: ${problem}`)
  const has = (key: string, step: string): boolean =>
    (of.get(key) ?? []).some((event) => stepOf(event) === step)
  const chainWith = (step: string): string => {
    const keys = [...state.nodes.keys()].filter((key) => has(key, step))
    const [only] = keys
    if (only !== undefined && keys.length === 1) return only
    throw unknown(
      keys.length > 1
        ? `the chains ${keys.join(', ')} all have a step "${step}": give { chain, step }`
        : `no step "${step}" ever began in it; those that did are ${known([...of.values()].flat())}`,
    )
  }
  const { chain, step } = typeof from === 'string' ? { chain: chainWith(from), step: from } : from
  const node = state.nodes.get(chain)
  const events = of.get(chain) ?? []
  if (node === undefined || events.length === 0) {
    throw unknown(`chain "${chain}" never began in it; those that did are ${[...of.keys()].join(', ')}`)
  }
  if (step === undefined) return { named: { chain }, to: (events[0] as JournalEvent).seq - 1 }
  const definition = spec(node.chain)
  if (definition?.guest !== undefined) {
    throw unknown(
      `chain "${chain}" is a machine of its own, without steps to go back to: fork at a time instead`,
    )
  }
  const kind = [...walk(definition?.entries ?? [])].find(({ name }) => name === step)?.kind
  if (kind === 'parallel' || kind === 'repeat')
    throw unknown(`"${step}" is a ${kind}, which is no step itself: name the first step inside it`)
  if (!has(chain, step))
    throw unknown(`step "${step}" of chain "${chain}" never began; those that did are ${known(events)}`)
  return { named: { chain, step }, to: beginningOf(events, step) - 1 }
}

function known(events: readonly JournalEvent[]): string {
  const names = new Set(events.map(stepOf).filter((name) => name !== undefined))
  return [...names].join(', ') || 'none'
}

function stepOf(event: JournalEvent): string | undefined {
  if (!('step' in event) || event.type === 'chain.ended') return undefined
  return ownerOf(event.step ?? '')
}
