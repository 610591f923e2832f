// The analyzer of the process that executes a store, with the coordinator that does what its report says.

import { ActionStanding } from '../../analysis/action-standing.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { Trials } from '../reflector/trials.ts'
import { type Analyzer, type AnalyzerHost, createAnalyzer } from '../analyzer.ts'
import type { ActionAct } from '../clients/command.ts'
import { type Coordinator, createCoordinator, placesOfTrials } from './coordinate.ts'
import { createDeeds, type DeedsHost } from './deeds.ts'
import type { AnalyzeTerms } from './terms.ts'

export interface ActingHost extends Omit<AnalyzerHost, 'terms' | 'hands'>, Omit<DeedsHost, 'engine'> {
  readonly engine: DeedsHost['engine'] & { readonly trials: Pick<Trials, 'standing'> }
  readonly terms: AnalyzeTerms
}

export interface ActingAnalyzer {
  readonly analyzer: Analyzer
  /** Goes on with what is in force, and begins to look by itself where it may act so. */
  start(): void
  stop(): void
}

/** What was recorded of actions before the analyzer is there: whether any are in force. */
export function createRecalled(): {
  readonly recall: (events: readonly JournalEvent[]) => void
  readonly live: () => boolean
} {
  const standing = new ActionStanding()
  return {
    recall(events) {
      for (const event of events) standing.apply(event)
    },
    live: () => standing.live().length > 0,
  }
}

export function createActingAnalyzer(
  { engine, config, store, chains, terms, ...observed }: ActingHost,
  live: () => boolean,
): ActingAnalyzer {
  let coordinator: Coordinator | undefined
  const analyzer = createAnalyzer({
    ...observed,
    terms,
    hands: (look) =>
      (coordinator = createCoordinator({
        clock: observed.clock,
        terms,
        deeds: createDeeds({ config, engine, store, chains }),
        trials: () => placesOfTrials(engine.trials.standing),
        look,
        problem: observed.problem,
      })),
  })
  return {
    analyzer,
    start: () => coordinator?.start(live()),
    stop() {
      coordinator?.stop()
      analyzer.stop()
    },
  }
}

/** As another process asks for it. */
export async function actOn(
  analyzer: Pick<Analyzer, ActionAct>,
  id: string,
  { act, why }: { readonly act: ActionAct; readonly why: string | undefined },
): Promise<void> {
  return act === 'act' ? analyzer.act(id) : analyzer[act](id, why)
}
