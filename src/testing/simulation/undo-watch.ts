// Watches what is undone in a journal: all that began and is not known to have failed, once, the last first.

import type { Undo } from '../../../machines/state.ts'
import { decode } from '../../kernel/codec.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { Failure } from '../../kernel/failure.ts'
import type { Proof } from './proof.ts'

interface Chain {
  /** What began, in order, fallbacks as their steps. */
  readonly began: string[]
  readonly succeeded: Set<string>
  /** What was tried, and may have had its effect: it is in flight, or nobody knows how it ended. */
  readonly doubtful: Map<string, 'in flight' | 'in doubt'>
  /** What is to be undone; undefined before that is decided. */
  plan: readonly string[] | undefined
  readonly undone: string[]
}

export interface UndoWatch {
  see(event: JournalEvent): void
  /** Nothing of this run was seen. */
  forget(run: string): void
}

/** Given up, aborted or lost: it may have happened. What threw says that it has not, unless it says that it knows not. */
function isDoubt({ kind, name }: Failure): boolean {
  return kind === 'thrown' || kind === 'failed' ? name === 'OutcomeUnknown' : kind !== 'refused'
}

const nameOf = ({ step, item }: Pick<Undo, 'step' | 'item'>): string => `${step} ${item ?? ''}`

/** @param undoable whether a function undoes a step. Default unknown: then it may be undone or not. */
export function createUndoWatch(
  proof: Proof,
  undoable: (run: string, chain: string, step: string) => boolean = () => false,
): UndoWatch {
  const chains = new Map<string, Chain>()
  /** Whose step waits for a called chain. */
  const calls = new Map<string, Pick<Undo, 'step' | 'item'> & { readonly chain: string }>()
  const chainOf = (run: string, key: string): Chain => {
    const id = `${run} ${key}`
    let chain = chains.get(id)
    if (chain === undefined)
      chains.set(
        id,
        (chain = {
          began: [],
          succeeded: new Set(),
          doubtful: new Map(),
          plan: undefined,
          undone: [],
        }),
      )
    return chain
  }
  const undo = (event: JournalEvent, key: string, of: Pick<Undo, 'step' | 'item'>): void => {
    const { plan = [], undone } = chainOf(event.run, key)
    const next = plan[undone.length]
    const name = nameOf(of)
    const where = (): string => `${name} of ${key} at seq ${event.seq}, and not ${next ?? 'nothing'}`
    proof.check('undone', name === next, where)
    undone.push(name)
  }
  const planned = (event: JournalEvent & { readonly type: 'decision.made' }): void => {
    const chain = chainOf(event.run, event.chain)
    const where = (): string => `the plan of ${event.chain} at seq ${event.seq}`
    proof.check('undone', chain.plan === undefined, () => `${where()} is the second`)
    const plan = (event.payload === undefined ? [] : decode(event.payload)) as readonly Undo[]
    chain.plan = plan.map(nameOf)
    const inOrder = chain.began.filter((name) => chain.plan?.includes(name) === true).toReversed()
    proof.check('undone', String(inOrder) === String(chain.plan), () => `${where()}: ${String(chain.plan)}`)
    for (const name of chain.began) {
      const [step = ''] = name.split(' ')
      if (!undoable(event.run, event.chain, step)) continue
      const due = chain.succeeded.has(name) || chain.doubtful.has(name)
      proof.check(
        'undone',
        chain.plan.includes(name) === due,
        () => `${where()} ${due ? 'lacks' : 'has'} ${name}: ${String(chain.plan)}`,
      )
    }
    for (const one of plan) {
      const known = one.outcome === 'unknown' || chain.succeeded.has(nameOf(one))
      proof.check('undone', known, () => `${where()} says that ${nameOf(one)} succeeded`)
    }
  }
  const ended = (event: JournalEvent & { readonly type: 'chain.ended' | 'chain.undone' }): void => {
    const { plan = [], undone } = chainOf(event.run, event.chain)
    const said = (event.compensated ?? []).map(nameOf)
    const whole = String(undone) === String(plan) && String(said) === String(plan)
    // a parked run may be given up by a person
    const given =
      event.uncompensated !== undefined || (event.type === 'chain.ended' && event.status === 'cancelled')
    proof.check(
      'undone',
      whole || given,
      () => `${event.chain} ends at seq ${event.seq} with ${String(undone)}`,
    )
  }

  return {
    forget(run) {
      for (const kept of [chains, calls])
        for (const key of kept.keys()) if (key.startsWith(`${run} `)) kept.delete(key)
    },
    see(event) {
      if (!('chain' in event)) return
      switch (event.type) {
        case 'attempt.started': {
          const name = nameOf({ ...event, step: event.step.replace(/:fallback$/, '') })
          const { began, doubtful } = chainOf(event.run, event.chain)
          if (event.step.endsWith(':compensation')) return
          if (!began.includes(name)) began.push(name)
          if (!doubtful.has(name)) doubtful.set(name, 'in flight')
          return
        }
        case 'attempt.succeeded': {
          const step = event.step.replace(/:compensation$/, '')
          if (step !== event.step) return undo(event, event.chain, { ...event, step })
          const { succeeded, doubtful } = chainOf(event.run, event.chain)
          const name = nameOf({ ...event, step: step.replace(/:fallback$/, '') })
          succeeded.add(name)
          // a fallback settles nothing of what its step left in doubt
          if (step === event.step.replace(/:fallback$/, '') || doubtful.get(name) === 'in flight')
            doubtful.delete(name)
          return
        }
        case 'attempt.failed':
        case 'attempt.lost': {
          const name = nameOf({ ...event, step: event.step.replace(/:fallback$/, '') })
          const { doubtful } = chainOf(event.run, event.chain)
          if (event.step.endsWith(':compensation')) return
          if (event.type === 'attempt.lost' || isDoubt(event.failure)) doubtful.set(name, 'in doubt')
          else if (doubtful.get(name) === 'in flight') doubtful.delete(name)
          return
        }
        case 'chain.started': {
          if (event.call === undefined) return
          calls.set(`${event.run} ${event.chain}`, event.call)
          const { began } = chainOf(event.run, event.call.chain)
          const name = nameOf(event.call)
          if (!began.includes(name)) began.push(name)
          return
        }
        case 'call.undone':
          return undo(event, event.chain, { ...event, step: event.step.replace(/:compensation$/, '') })
        case 'decision.made':
          if (event.step === 'compensating:plan') planned(event)
          return
        case 'chain.undone':
          return ended(event)
        case 'chain.ended':
          if (event.status === 'succeeded') {
            const call = calls.get(`${event.run} ${event.chain}`)
            if (call !== undefined) chainOf(event.run, call.chain).succeeded.add(nameOf(call))
            return
          }
          return ended(event)
        default:
      }
    },
  }
}
