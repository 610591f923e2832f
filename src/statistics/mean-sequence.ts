// Is the mean of paired differences zero? Asked after each pair, answered so that looking often costs nothing.

import type { OpenEstimate } from './estimate.ts'
import { type Moments, addTo, noMoments } from './moments.ts'

/** An interval that holds at all moments at once, and a p value that may be looked at after each pair. */
export interface SequentialEstimate extends OpenEstimate {
  /**
   * The chance, were there no difference, that it ever gets so low, however often one looks. Never rises: once low,
   * it stays low, also where the interval comes to hold 0 again because the truth has drifted.
   */
  readonly p: number
}

export interface SequenceOptions {
  /** The chance that the interval holds the truth at all moments, from 0.5. Default 0.95. */
  readonly confidence?: number
  /** After how many pairs the interval shall be narrowest; it is valid after any number. Default 100. */
  readonly horizon?: number
}

/** Plain data, so that it may be journalled; after each pair a new one. */
export interface MeanSequence {
  readonly confidence: number
  /** How many pairs the prior belief in no effect weighs. */
  readonly prior: number
  readonly moments: Moments
  /** The greatest logarithm of the likelihood ratio of some difference against none so far. */
  readonly evidence: number
}

/** What a sequence may miss. */
export function missOf(confidence: number): number {
  if (!(confidence >= 0.5 && confidence < 1))
    throw new RangeError(`the confidence of a sequence is at least 0.5 and below 1; it is ${confidence}`)
  return 1 - confidence
}

export function beginMeanSequence({ confidence = 0.95, horizon = 100 }: SequenceOptions = {}): MeanSequence {
  if (!(horizon >= 1 && horizon < Infinity)) throw new RangeError(`a horizon is at least 1; it is ${horizon}`)
  // Waudby-Smith et al., "Time-uniform central limit theory" (2024), appendix: the mixture narrowest at the horizon
  const twoLogs = -2 * Math.log(missOf(confidence))
  return { confidence, prior: horizon / (twoLogs + Math.log1p(twoLogs)), moments: noMoments, evidence: 0 }
}

/**
 * The mixture of exp(x S - x^2 V / 2) over effects x that are normal around 0, with S the sum of the differences and V the
 * sum of their squares, so that the scale has no say (de la Pena, Lai and Shao, "Self-Normalized Processes", 2009;
 * Robbins 1970). It is the mSPRT of Johari et al. with n times the variance replaced by V: for many pairs the same, for
 * few it errs less often, where an estimated variance errs more.
 */
function logEvidence({ n, mean, squares }: Moments, prior: number): number {
  const mine = n * mean * mean
  const explained = mine === 0 ? 0 : mine / (mine + squares)
  return (Math.log(prior / (prior + n)) + (explained * n * n) / (prior + n)) / 2
}

/** After one more pair. */
export function extendMeanSequence(sequence: MeanSequence, difference: number): MeanSequence {
  const moments = addTo(sequence.moments, difference)
  const evidence = Math.max(sequence.evidence, logEvidence(moments, sequence.prior))
  return { ...sequence, moments, evidence }
}

/**
 * What is known by now; undefined before the first pair, and without bounds while pairs are too few for any.
 *
 * It holds for differences that are normal, for many pairs of any finite variance, and, as simulation shows, for what
 * experiments need: pairs drawn at random where nothing differs, whose differences lie evenly around 0, whatever their
 * tails, sizes and drift. The interval around a mean of few, very skewed differences is too narrow.
 */
export function readMeanSequence(sequence: MeanSequence): SequentialEstimate | undefined {
  const { confidence, prior, moments, evidence } = sequence
  const { n, mean, squares } = moments
  if (n === 0) return undefined
  const p = Math.exp(-evidence)
  // the means whose explained share of all squares stays below `limit` are not excluded
  const limit = ((Math.log((prior + n) / prior) - 2 * Math.log(missOf(confidence))) * (prior + n)) / (n * n)
  if (limit >= 1) return { estimate: mean, low: undefined, high: undefined, n, p }
  const half = Math.sqrt((squares * limit) / (n * (1 - limit)))
  return { estimate: mean, low: mean - half, high: mean + half, n, p }
}
