// Does a share, of failures for instance, differ within pairs? Asked after each pair, at no cost for looking often.

import { logBeta, logGamma } from './gamma.ts'
import { type SequenceOptions, type SequentialEstimate, missOf } from './mean-sequence.ts'

/** Plain data, so that it may be journalled; after each pair a new one. */
export interface ShareSequence {
  readonly confidence: number
  /** Pairs in which only the treated one is a hit, only the other, and both or none. */
  readonly treatedOnly: number
  readonly controlOnly: number
  readonly alike: number
  /** The greatest logarithm of the evidence against a fair coin so far. */
  readonly evidence: number
}

export function beginShareSequence({
  confidence = 0.95,
}: Pick<SequenceOptions, 'confidence'> = {}): ShareSequence {
  missOf(confidence)
  return { confidence, treatedOnly: 0, controlOnly: 0, alike: 0, evidence: 0 }
}

/**
 * After one more pair. Where nothing differs, each pair that is unlike is a fair coin, however the share drifts: a beta
 * mixture over other coins (Robbins 1970; McNemar's test, made to be peeked at) is exact from the first pair on.
 */
export function extendShareSequence(
  sequence: ShareSequence,
  pair: { readonly treated: boolean; readonly control: boolean },
): ShareSequence {
  const treatedOnly = sequence.treatedOnly + (pair.treated && !pair.control ? 1 : 0)
  const controlOnly = sequence.controlOnly + (pair.control && !pair.treated ? 1 : 0)
  const alike = sequence.alike + (pair.treated === pair.control ? 1 : 0)
  const unlike = treatedOnly + controlOnly
  const evidence = logBeta(treatedOnly + 0.5, controlOnly + 0.5) - Math.log(Math.PI) + unlike * Math.LN2
  return { ...sequence, treatedOnly, controlOnly, alike, evidence: Math.max(sequence.evidence, evidence) }
}

const weighed = (count: number, chance: number): number =>
  count === 0 ? 0 : chance <= 0 ? -Infinity : count * Math.log(chance)

/** The greatest log-likelihood of the counts among all chances whose difference is `difference`. */
function likeliest(gains: number, losses: number, alike: number, difference: number): number {
  if (difference < 0) return likeliest(losses, gains, alike, -difference)
  const n = gains + losses + alike
  const rest = 1 - difference
  // the chance of a loss solves 2 n x^2 - linear x - constant = 0
  const linear = (gains + losses) * rest - 2 * difference * (losses + alike)
  const constant = losses * difference * rest
  const root = (linear + Math.sqrt(linear * linear + 8 * n * constant)) / (4 * n)
  const loss = Math.min(rest / 2, Math.max(0, root))
  return weighed(gains, loss + difference) + weighed(losses, loss) + weighed(alike, rest - 2 * loss)
}

/** The logarithm of the likelihood, averaged over all chances of the three kinds of pairs (Dirichlet, 1/2 each). */
function averaged(...counts: readonly number[]): number {
  const n = counts.reduce((sum, count) => sum + count, 0)
  const each = counts.reduce((sum, count) => sum + logGamma(count + 0.5) - logGamma(0.5), 0)
  return each + logGamma(counts.length / 2) - logGamma(n + counts.length / 2)
}

/** Where `inside` ends between one that is and one that is not. */
function edge(inside: (at: number) => boolean, within: number, outside: number): number {
  let near = within
  let far = outside
  for (let halving = 0; halving < 60; halving++) {
    const middle = (near + far) / 2
    if (inside(middle)) near = middle
    else far = middle
  }
  return (near + far) / 2
}

/**
 * The share among the treated minus that among the others, with an interval that holds at all moments at once: those
 * differences against which the mixture over all chances does not speak (Robbins 1970; exact from the first pair on
 * where pairs are alike in their chances). `p` follows the coins alone, so it may fall a little before the
 * interval excludes 0. Undefined before the first pair.
 */
export function readShareSequence(sequence: ShareSequence): SequentialEstimate | undefined {
  const { treatedOnly, controlOnly, alike, confidence, evidence } = sequence
  const n = treatedOnly + controlOnly + alike
  if (n === 0) return undefined
  const estimate = (treatedOnly - controlOnly) / n
  const least = averaged(treatedOnly, controlOnly, alike) + Math.log(missOf(confidence))
  const inside = (difference: number): boolean =>
    likeliest(treatedOnly, controlOnly, alike, difference) > least
  return {
    estimate,
    low: inside(-1) ? -1 : edge(inside, estimate, -1),
    high: inside(1) ? 1 : edge(inside, estimate, 1),
    n,
    p: Math.exp(-evidence),
  }
}
