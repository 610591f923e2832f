// The actions of an analyzer in their caller's hands.

import type { Observable } from 'rxjs'
import type { NecessaryAction } from '../../analysis/report-built.ts'

export interface ActionsFace {
  /**
   * What has to be done, in which order, and what was done: the report's `actions`.
   *
   * @example
   * ```ts
   * const build = chain('build').step('compile', () => 'done', { timeout: '1m' })
   * const supervisor = await createSupervisor({ chains: [build], analyze: { policy: { quarantine: 'ask' } } })
   * for (const { id, kind, state } of await supervisor.analyzer.actions())
   *   if (kind === 'quarantine' && state === 'asked') await supervisor.analyzer.act(id)
   * await supervisor.stop()
   * ```
   */
  actions(): Promise<readonly NecessaryAction[]>
  /** The same now, and whenever something has happened, as `report$`. */
  readonly actions$: Observable<readonly NecessaryAction[]>
  /**
   * Does what the supervisor can do by itself; resolves once that is durable, and at once where it is in force. It is
   * judged after `check`, and taken back where it did not help. Rejects with ACTION_UNKNOWN where nothing of this id is
   * to be done now, and with ACTION_REFUSED where it may not be done; the message says what to do.
   */
  act(id: string): Promise<void>
  /** Takes back what is in force, with the reason. Rejects with ACTION_UNKNOWN where nothing of this id is. */
  undo(id: string, why?: string): Promise<void>
  /** Says no: it is not done by itself for what it was proposed for. */
  dismiss(id: string, why?: string): Promise<void>
}

/** What only an executor can do, or has done for one. */
export interface ActionHands {
  act(id: string): Promise<void>
  undo(id: string, why: string | undefined): Promise<void>
  dismiss(id: string, why: string | undefined): Promise<void>
}
