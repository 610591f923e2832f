// The guardrails of a trial: what must not get worse, judged by bounds that may be looked at after each pair.

import { type MeanSequence, readMeanSequence } from '../statistics/mean-sequence.ts'
import { type ShareSequence, readShareSequence } from '../statistics/share-sequence.ts'
import type { Guardrail } from './suggestion.ts'
import type { TrialState } from './trial.ts'

/** So many failures of one class that was not known before end a trial at once. */
const newFailures = 3

/** Most that each may rise where a suggestion says nothing of it. */
const limits = { failures: 0.005, p95: 0.05, cost: 0.1 } as const

const metrics = ['failures', 'p95', 'cost'] as const

const texts = {
  failures: 'more runs fail than may',
  p95: 'the slowest runs are slower than they may be',
  cost: 'runs take more attempts than they may',
} as const

export function limitOf({ guardrails }: Pick<TrialState, 'guardrails'>, metric: Guardrail['metric']): number {
  return guardrails.find((one) => one.metric === metric)?.most ?? limits[metric]
}

/** Which guardrail is broken, in words: its always-valid lower bound lies beyond its limit. */
export function brokenGuardrail(trial: TrialState): string | undefined {
  const kind = Object.entries(trial.newClasses).find(([, count]) => count >= newFailures)
  if (kind !== undefined) return `${kind[1]} treated runs failed with ${kind[0]}, as no other run did`
  for (const metric of metrics) {
    // bounds of shares are dear: a lower one is never above what is seen
    const low = seen(trial, metric) > edgeOf(trial, metric) ? lowOf(trial, metric) : undefined
    if (low !== undefined && low > edgeOf(trial, metric))
      return `${texts[metric]} (limit ${percent(limitOf(trial, metric))}), after ${trial.pairs} pairs`
  }
  return undefined
}

/** Whether nothing is beyond its limit as far as one can see, even where that is not proved. */
export function isWithin(trial: TrialState): boolean {
  return metrics.every((metric) => seen(trial, metric) <= edgeOf(trial, metric))
}

/** Limits of p95 and cost are in what is measured already: there, more than none is too much. */
function edgeOf(trial: TrialState, metric: Guardrail['metric']): number {
  return metric === 'failures' ? limitOf(trial, metric) : 0
}

function seen(trial: TrialState, metric: Guardrail['metric']): number {
  const of = sequenceOf(trial, metric)
  if ('moments' in of) return of.moments.mean
  return (of.treatedOnly - of.controlOnly) / Math.max(1, of.treatedOnly + of.controlOnly + of.alike)
}

function lowOf(trial: TrialState, metric: Guardrail['metric']): number | undefined {
  const of = sequenceOf(trial, metric)
  // while the coins are fair, as far as one can tell, the interval holds 0
  if (!('moments' in of) && of.evidence < -Math.log(1 - of.confidence)) return undefined
  return ('moments' in of ? readMeanSequence(of) : readShareSequence(of))?.low
}

function sequenceOf(trial: TrialState, metric: Guardrail['metric']): MeanSequence | ShareSequence {
  if (metric === 'cost') return trial.costs
  if (metric === 'p95') return trial.slow
  return trial.single ? trial.failures : trial.failureMeans
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
