// What a supervisor is to its store: its executor, a client of whoever executes, or one that stands by.

import type { Store } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { ScheduleAct } from './command.ts'
import { createClientSupervisor } from './client-supervisor.ts'
import type { SupervisorOptions } from '../supervisor-options.ts'
import type { Supervisor } from '../supervisor.ts'
import type { Run } from '../runs/run.ts'
import { type Execute, standBy } from './stand-by.ts'

export type Role = 'executor' | 'client' | 'auto'

/** A supervisor as one sees it that stands in for it. */
export interface Face extends Supervisor {
  /** A run that is there. */
  runOf(id: string): Run<never, { readonly type: string }>
  /** Does something with a schedule, once for each `id`. @returns the run that was triggered. */
  actOnSchedule(name: string, what: ScheduleAct, id: string): Promise<string>
}

/** Makes a supervisor in the role that its options give. */
export async function inRole(
  store: Store,
  options: SupervisorOptions,
  execute: Execute,
): Promise<Supervisor> {
  const { role = 'executor' } = options
  if (role === 'executor') return execute(store, options)
  if (store.client === undefined) {
    const message = `this store has no client's side for role '${role}': use one that has, or role 'executor'`
    throw new CatenaryError('BAD_OPTION', message)
  }
  if (role === 'client') return createClientSupervisor(store.client(), options)
  return standBy(store, options, execute)
}
