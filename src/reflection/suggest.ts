// What the reflector proposes from what was measured: all detectors asked, what chance may have shown left out, gains foretold.

import { hash } from '../kernel/codec.ts'
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts'
import type { Detector, Proposal, Tested } from './detector.ts'
import { detectors } from './detectors.ts'
import { type Evidence, type View, viewOf } from './evidence.ts'
import { applyJsonPatch } from './json-patch.ts'
import type { Guardrail, JsonPatch, PredictedGain, Suggestion } from './suggestion.ts'
import type { WhatIf } from './simulate/what-if.ts'
import { answered } from './foretell.ts'

/** At most such a share of what is proposed in one cycle may be chance. */
const falseShare = 0.05
/** It must hold in strata of such a share of what was seen. */
const leastCover = 0.8
/** Without new evidence, it stands for so long (ms). */
const standsFor = 7 * 24 * 3_600_000
const guardrails: readonly Guardrail[] = [
  { metric: 'failures', most: 0.005 },
  { metric: 'p95', most: 0.05 },
  { metric: 'cost', most: 0.1 },
]

/**
 * All that the evidence supports, the widest gain first. Pure: the same evidence, the same suggestions with the same
 * ids.
 *
 * @example
 * ```ts
 * const suggestions = suggest({ records: [...records.ended.values()], declaration, config, now })
 * for (const { sentence, gain } of suggestions) console.log(sentence, gain.estimate)
 * ```
 */
export function suggest(evidence: Evidence, table: readonly Detector[] = detectors): readonly Suggestion[] {
  const work = suggesting(evidence, table)
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** The same in parts: between two of them others may have their turn. */
export function* suggesting(
  evidence: Evidence,
  table: readonly Detector[] = detectors,
): Generator<void, readonly Suggestion[]> {
  const view = viewOf(evidence)
  const asked: { readonly detector: Detector; readonly tested: Tested }[] = []
  for (const detector of table) {
    yield
    for (const tested of detector.test(view)) asked.push({ detector, tested })
  }
  const { stands } = benjaminiHochberg(
    asked.map(({ tested }) => tested.p),
    falseShare,
  )
  const found: Suggestion[] = []
  for (const [at, { detector, tested }] of asked.entries()) {
    if (stands[at] !== true || tested.cover < leastCover - 1e-9) continue
    yield
    const proposal = tested.propose()
    const suggestion = proposal && weighed(view, detector, tested, proposal)
    if (suggestion !== undefined) found.push(suggestion)
  }
  return found.sort((a, b) => a.detector - b.detector || (a.id < b.id ? -1 : 1))
}

function weighed(
  view: View,
  detector: Detector,
  { place }: Tested,
  proposal: Proposal,
): Suggestion | undefined {
  const { patch, sentence, evidence, objective, worth } = proposal
  const answer = patch === undefined ? undefined : answered(view, patch)
  const gain = gainOf(proposal, answer)
  if (gain === undefined || gain.low <= 0) return undefined
  if (answer?.answered === true && gain.by === 'simulation') {
    const { before, gains } = answer
    const whole = {
      'run-duration': before.mean,
      'chain-duration': before.mean,
      attempts: before.attempts,
      failures: 1,
    }
    if (gain.estimate < worth * whole[objective]) return undefined
    // what gains one thing and costs more of another than a trial would let pass is not proposed
    if (gains.failures.estimate < -0.005 || gains.attempts.estimate < -0.1 * before.attempts) return undefined
  }
  const { version } = view.config
  const changes = patch && {
    patch: [{ op: 'test', path: '/version', value: version } as const, ...patch],
    inverse: inverseOf(view, patch),
  }
  return {
    id: hash(JSON.stringify([detector.kind, place, patch ?? null])).slice(0, 12),
    detector: detector.row,
    kind: detector.kind,
    class: detector.class,
    place,
    sentence,
    evidence: { ...evidence, fromSeq: view.fromSeq, toSeq: view.toSeq },
    gain,
    ...changes,
    guardrails: patch === undefined ? [] : (proposal.guardrails ?? guardrails),
    expiresAt: view.now + standsFor,
    config: version,
  }
}

/** Foretold by simulation where that has something to go by. */
function gainOf({ objective, gain }: Proposal, answer: WhatIf | undefined): PredictedGain | undefined {
  if (answer?.answered !== true) return gain
  const { duration, attempts, failures } = answer.gains
  if (objective === 'attempts') return attempts
  return objective === 'failures' ? failures : duration
}

function inverseOf({ config }: View, patch: readonly JsonPatch[]): readonly JsonPatch[] {
  return applyJsonPatch(JSON.parse(JSON.stringify(config)) as object, patch)
}
