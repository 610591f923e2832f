// What runs on the treated side of a trial run under, as a journal tells it: the config with what is tried put into it.

import type { JournalEvent } from '../../../src/journal/event.ts'
import type { TrialArm } from '../../../src/journal/watch-fact.ts'
import { Standing } from '../../../src/reflection/standing.ts'
import type { JsonPatch } from '../../../src/reflection/suggestion.ts'
import { type Config, createConfig } from '../../../src/supervision/config.ts'
import { isByRun, recipeOf, withoutVersion } from '../../../src/supervision/config-patch.ts'
import type { Variants } from '../../../src/testing/simulation/tuning-watch.ts'
import type { ConfigFold } from './config-fold.ts'

export interface VariantFold extends Variants {
  /** What a run runs under that is on the treated side of a trial that goes on; undefined for others. */
  treated(run: string): Readonly<Config> | undefined
}

interface Tried {
  readonly patch: readonly JsonPatch[]
  readonly single: boolean
  endedAt: number
}

/** What was decided before a moment may be written so long after it (ms). */
export const slack = 20_000

/** @param config as it is with each event that is seen. */
export function foldVariants(config: ConfigFold): VariantFold {
  const standing = new Standing()
  const trials = new Map<string, Tried>()
  const arms = new Map<string, TrialArm>()
  let changedAt = -Infinity

  const trialOf = (run: string): Tried | undefined => {
    const arm = arms.get(run)
    const tried = arm?.arm === 'treated' ? trials.get(arm.trial) : undefined
    return tried?.single === true ? tried : undefined
  }
  return {
    see(event: JournalEvent) {
      standing.apply(event)
      if (event.type === 'config.changed') changedAt = event.at
      if (event.type === 'run.accepted' && event.arm !== undefined) arms.set(event.run, event.arm)
      if (event.type === 'trial.started') {
        const patch = standing.trials.get(event.id)?.plan?.suggestion.patch ?? []
        trials.set(event.id, { patch: withoutVersion(patch), single: isByRun(patch), endedAt: Infinity })
      }
      const tried = event.type === 'trial.ended' ? trials.get(event.id) : undefined
      if (tried !== undefined) tried.endedAt = event.at
    },
    treated(run) {
      const tried = trialOf(run)
      return tried?.endedAt === Infinity ? treatedOf(config.current, tried.patch) : undefined
    },
    of(run, at) {
      const { current } = config
      const tried = trialOf(run)
      if (tried === undefined || at >= tried.endedAt + slack) return [current]
      const was = at < changedAt + slack ? config.at(config.version - 1) : undefined
      return [
        treatedOf(current, tried.patch),
        ...(was === undefined ? [] : [treatedOf(was, tried.patch)]),
        ...(tried.endedAt === Infinity ? [] : [current]),
      ]
    },
  }
}

/** With what is tried put into it. */
export function treatedOf(current: Readonly<Config>, patch: readonly JsonPatch[]): Readonly<Config> {
  const config = createConfig({ ...current, concurrency: current.concurrency, steps: current.steps })
  return config.preview(recipeOf(patch, 0))
}
