// What detectors are shown, from records made by hand: a view of so many runs of few chains, to the millisecond.

import type { ChainRecord, RunRecord } from '../../src/observe/run-record.ts'
import type { Detector, Proposal, Tested } from '../../src/reflection/detector.ts'
import { type Evidence, type View, viewOf } from '../../src/reflection/evidence.ts'
import type { DeclaredChain, DeclaredStep, Tunables } from '../../src/reflection/tunables.ts'
import { run } from '../analysis/made.ts'

export const untuned: Tunables = { version: 0, concurrency: 10, steps: {}, limiters: {}, edges: {} }

export function many<T>(count: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, at) => make(at))
}

export function chainOf(
  id: string,
  steps: readonly DeclaredStep[],
  given: Partial<DeclaredChain> = {},
): DeclaredChain {
  return { id, version: '1', needs: [], when: 'all_success', steps, entries: [], ...given }
}

/** So many runs a second apart, of one chain each: its times are from the run's acceptance. */
export function runsEach(
  count: number,
  make: (at: number, from: number) => ChainRecord | readonly ChainRecord[],
  given: (at: number) => Partial<RunRecord> = () => ({}),
): readonly RunRecord[] {
  return many(count, (at) => {
    const from = at * 1000
    const made = make(at, from)
    const chains = Array.isArray(made) ? (made as readonly ChainRecord[]) : [made as ChainRecord]
    return run(`r${at}`, chains, { acceptedAt: from, firstSeq: at + 1, lastSeq: at + 1, ...given(at) })
  })
}

export function viewed(
  records: readonly RunRecord[],
  chains: readonly DeclaredChain[],
  given: Partial<Evidence> = {},
): View {
  return viewOf({ records, declaration: { chains }, config: untuned, now: 1_000_000, ...given })
}

/** The only question that a detector asks of it. */
export function onlyOne(detector: Pick<Detector, 'test'>, view: View): Tested {
  const [tested, ...others] = detector.test(view)
  if (tested === undefined || others.length > 0)
    throw new Error(`${others.length + Number(tested !== undefined)} questions were asked`)
  return tested
}

export function proposed(detector: Pick<Detector, 'test'>, view: View): Proposal | undefined {
  return onlyOne(detector, view).propose()
}
