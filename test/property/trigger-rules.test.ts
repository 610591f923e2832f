// What holds of every trigger rule, whatever the upstreams and the order in which they end.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  tallyOf,
  triggerRules,
  type UpstreamState,
  verdict,
  verdictOf,
  verdictOfAnswer,
} from '../../machines/trigger-rules.ts'

const rules = fc.constantFrom(...triggerRules)
const ended = fc.constantFrom<UpstreamState>('success', 'failed', 'skipped', 'upstream_failed')
const ends = fc.array(ended, { maxLength: 12 })
const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...list], { minLength: list.length })

test('a verdict does not depend on the order of the upstreams', () => {
  const upstreams = fc.array(fc.oneof(ended, fc.constant<UpstreamState>('pending')))
  const pairs = upstreams.chain((one) => shuffled(one).map((two) => [one, two] as const))
  fc.assert(
    fc.property(rules, pairs, (rule, [one, two]) => {
      expect(verdict(rule, one)).toBe(verdict(rule, two))
    }),
  )
})

test('when all upstreams have ended, nothing waits', () => {
  fc.assert(
    fc.property(rules, ends, fc.constantFrom(false, 'wait' as const), (rule, upstreams, answer) => {
      expect(verdict(rule, upstreams)).not.toBe('wait')
      expect(verdictOfAnswer(answer, tallyOf(upstreams))).not.toBe('wait')
    }),
  )
})

test('a verdict once given is never contradicted by later arrivals, in whatever order they come', () => {
  const arrivals = ends.chain((final) => shuffled([...final.keys()]).map((order) => ({ final, order })))
  fc.assert(
    fc.property(rules, arrivals, (rule, { final, order }) => {
      const upstreams: UpstreamState[] = final.map(() => 'pending')
      let given = verdict(rule, upstreams)
      for (const index of order) {
        upstreams[index] = final[index]!
        const next = verdict(rule, upstreams)
        if (given !== 'wait') expect(next).toBe(given)
        given = next
      }
      expect(given).toBe(verdict(rule, final))
    }),
    { numRuns: 1_000 },
  )
})

test('a tally judges as the list that it counts', () => {
  fc.assert(
    fc.property(rules, ends, fc.nat({ max: 3 }), (rule, final, pending) => {
      const upstreams = [...final, ...Array.from({ length: pending }, (): UpstreamState => 'pending')]
      expect(verdictOf(rule, tallyOf(upstreams))).toBe(verdict(rule, upstreams))
    }),
  )
})
