// Finds the chain of a run that an event is for: the one that is a user's own machine.

import { CatenaryError } from '../../kernel/errors.ts'
import type { LiveRun } from '../runs/live-run.ts'

/** @param to a chain's id, or its key in the run; default the run's only machine, or the one that it was asked for. */
export function guestTarget({ state, services }: LiveRun, to: string | undefined): string {
  const guests = [...state.nodes.values()].filter(
    ({ chain }) => services.chain(chain)?.spec.guest !== undefined,
  )
  const named = guests.filter(({ key, chain }) => to === undefined || key === to || chain === to)
  const found =
    named.find(({ key }) => key === to) ??
    (named.length > 1 ? named.find(({ key }) => state.targets.includes(key)) : named[0])
  if (found === undefined) {
    const known = guests.map(({ key }) => key).join(', ')
    throw new CatenaryError(
      'SIGNAL_UNKNOWN',
      named.length > 1
        ? `run ${state.run} has several machines (${known}): say which one with { to }`
        : `run ${state.run} has no ${to === undefined ? 'machine' : `machine "${to}"`} that takes events${known === '' ? ', use signal() for steps that wait' : `: it has ${known}`}`,
    )
  }
  if (found.status !== 'pending' && found.status !== 'running') {
    throw new CatenaryError(
      'RUN_ENDED',
      `chain "${found.key}" of run ${state.run} has ended: it takes no events any more`,
    )
  }
  return found.key
}
