// 14: a step that says it is pure, and is given the same over and over.

import { neverSeen } from '../../statistics/proportion.ts'
import { quantileOf } from '../../statistics/quantile.ts'
import { type Detector, type Tested, duration, percent, tuneStep } from '../detector.ts'
import type { Seen, SeenStep, View } from '../evidence.ts'
import { cover } from '../strata.ts'

const fewest = 300
/** A share of wrong outputs that must be ruled out. */
const tolerable = 0.01

/** A call that was given what an earlier one had been given. */
interface Repeat {
  readonly run: Seen['run']
  readonly order: number
  /** How old the earlier output was (ms). */
  readonly age: number
  readonly same: boolean
}

export const cacheableStep: Detector = {
  row: 14,
  kind: 'cacheable-step',
  class: 'B',
  needs: `${fewest} calls of a step with { pure: true } that were given what an earlier one had been given`,
  test: (view) => view.steps.flatMap((step) => testStep(view, step)),
}

function testStep(view: View, { name, chain, step, attempts }: SeenStep): readonly Tested[] {
  const kept = step.memo === true || view.config.steps[name]?.memo !== undefined
  // what writes rows of the host does more than give an output
  if (step.pure !== true || step.transact === true || kept) return []
  const repeats = repeatsOf(attempts)
  if (repeats.length < fewest || repeats.some(({ same }) => !same)) return []
  return [
    {
      place: { chain: chain.id, step: step.name },
      p: (1 - tolerable) ** repeats.length,
      // none differs: what is left to ask is whether it was given the same all the time
      cover: cover(view, repeats, () => true),
      propose() {
        const ages = Float64Array.from(repeats, ({ age }) => age).sort()
        // no output is kept for longer than one was seen to stay the same
        const ttl = Math.max(1, Math.floor(quantileOf(ages, 0.95)))
        const calls = attempts.length
        return {
          sentence: `Step "${name}" was given the same again in ${repeats.length} of ${calls} calls, and gave the same each time. Keep its outputs for ${duration(ttl)}.`,
          evidence: {
            runs: new Set(repeats.map(({ run }) => run.run)).size,
            n: repeats.length,
            statistic: 'share of the calls with a known input that gave another output',
            value: 0,
            low: 0,
            high: neverSeen(repeats.length),
            level: 0.95,
            facts: [
              `It says that it is pure.`,
              `Of ${repeats.length} calls with an input seen before, none gave another output: at most ${percent(neverSeen(repeats.length))} would.`,
              `In 95 % of them the earlier output was at most ${duration(ttl)} old.`,
            ],
          },
          patch: tuneStep(view.config, name, 'memo', { ttl }),
          objective: 'run-duration',
          worth: 0.02,
        }
      },
    },
  ]
}

function repeatsOf(attempts: readonly Seen[]): readonly Repeat[] {
  const inOrder = attempts
    .filter(
      ({ attempt: { outcome, inputHash, memo } }) =>
        outcome === 'succeeded' && inputHash !== undefined && !memo,
    )
    .sort((a, b) => (a.attempt.startedAt ?? 0) - (b.attempt.startedAt ?? 0))
  const first = new Map<string, Seen['attempt']>()
  const repeats: Repeat[] = []
  for (const { attempt, run, order } of inOrder) {
    const before = first.get(attempt.inputHash ?? '')
    if (before === undefined) {
      first.set(attempt.inputHash ?? '', attempt)
      continue
    }
    // who began before the first had ended would have waited for it
    const age = Math.max(0, (attempt.startedAt ?? 0) - (before.endedAt ?? 0))
    repeats.push({ run, order, age, same: attempt.outputHash === before.outputHash })
  }
  return repeats
}
