// Random supervisors for property tests: no combination that a definition refuses.

import * as fc from 'fast-check'
import { badCombination, type ChildSpec, type GroupSpec } from '../../../machines/supervision/spec.ts'

export const ids = ['a', 'b', 'c', 'd', 'e'] as const

const child = (id: string, backoff: boolean): fc.Arbitrary<ChildSpec> =>
  fc.record({
    id: fc.constant(id),
    restart: fc.constantFrom('permanent', 'transient', 'temporary'),
    shutdown: fc.constantFrom(5_000, 100, 'brutal_kill', 'infinity'),
    significant: fc.boolean(),
    kind: fc.constantFrom('worker', 'supervisor'),
    ...(backoff ? { backoff: fc.constant({ resetAfter: 2_000 }) } : {}),
  }) as fc.Arbitrary<ChildSpec>

/** Under OTP's three strategies; `fixed` overrides what is drawn. */
export const groups = (fixed: Partial<GroupSpec> = {}, backoff = false): fc.Arbitrary<GroupSpec> =>
  fc
    .record({
      strategy: fc.constantFrom('one_for_one', 'rest_for_one', 'one_for_all'),
      intensity: fc.integer({ min: 0, max: 4 }),
      period: fc.integer({ min: 1, max: 6_000 }),
      autoShutdown: fc.constantFrom('never', 'any_significant', 'all_significant'),
      reviveStopped: fc.boolean(),
      children: fc.subarray([...ids]).chain((some) => fc.tuple(...some.map((id) => child(id, backoff)))),
    })
    .map((drawn) => {
      const group = { ...drawn, ...fixed } as GroupSpec
      const children = group.children.map((one) =>
        badCombination(group, one) === undefined ? one : { ...one, significant: false },
      )
      return { ...group, children }
    })
