// The rules of actions, over any sequence of proposals, people, time and signs: a model of a coordinator that obeys them.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Deed,
  type DeedKind,
  freedBy,
  holds,
  isLive,
  judge,
  oppose,
  refusalOf,
} from '../../machines/action-rules.ts'

const kinds: readonly DeedKind[] = ['quarantine', 'pause-downstream', 're-run-stale', 'unblock']
const chains = ['a', 'b', 'c']
const check = 50
const hold = 200
const rest = 100

const step = fc.oneof(
  fc.record({
    do: fc.constant('take' as const),
    kind: fc.constantFrom(...kinds),
    place: fc.constantFrom(...chains),
    others: fc.subarray(chains),
    cause: fc.constantFrom('1', '2', '3'),
    by: fc.constantFrom('auto' as const, 'person' as const),
    policy: fc.constantFrom('off' as const, 'ask' as const, 'auto' as const, 'auto' as const),
    evident: fc.constantFrom(true, true, false),
    dismissed: fc.constantFrom(false, false, true),
    trial: fc.constantFrom(undefined, undefined, ...chains),
  }),
  fc.record({
    do: fc.constant('look' as const),
    kept: fc.boolean(),
    begun: fc.nat(1),
    mended: fc.boolean(),
    run: fc.constantFrom(
      'absent' as const,
      'going' as const,
      'succeeded' as const,
      'failed' as const,
      undefined,
    ),
  }),
  fc.record({ do: fc.constant('wait' as const), by: fc.nat(150) }),
)

test('nothing is done twice for one reason, against what is in force, or for longer than it may be', () => {
  let taken = 0
  let over = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const deeds = new Map<string, Deed>()
      const past: Deed[] = []
      let now = 0
      /** What a config would hold back, by kind. */
      const held = new Map<string, Set<string>>()
      for (const one of steps) {
        if (one.do === 'wait') now += one.by
        if (one.do === 'take') {
          const { kind, place, by, policy, evident, dismissed, cause, trial } = one
          const of = kind === 'pause-downstream' ? one.others : [place]
          const proposed = { id: `${kind} ${place}`, kind, chains: of, cause, evident, dismissed, after: [] }
          const all = [...deeds.values()]
          const trials = new Map(trial === undefined ? [] : [[trial, 't']])
          const live = all.find(
            ({ id }) => id === proposed.id && isLive(deeds.get(id) ?? (proposed as never)),
          )
          if (live !== undefined) continue
          const refusal = refusalOf(proposed, { by, policy, now, deeds: all, trials, rest })
          if (refusal !== undefined) continue
          taken++
          expect(policy).not.toBe('off')
          expect(of.some((chain) => trials.has(chain))).toBe(false)
          for (const other of all) expect(isLive(other) && oppose(other, proposed)).toBe(false)
          if (by === 'auto') {
            expect({ policy, evident, dismissed }).toEqual({
              policy: 'auto',
              evident: true,
              dismissed: false,
            })
            const last = past.findLast(({ id }) => id === proposed.id)
            expect(last?.cause).not.toBe(cause)
            if (last?.endedAt !== undefined) expect(now).toBeGreaterThanOrEqual(last.endedAt + rest)
          }
          const deed: Deed = {
            ...proposed,
            takenAt: now,
            checkAt: now + check,
            until: now + hold,
            state: 'taken',
          }
          // the newest last, as in the fold
          deeds.delete(deed.id)
          deeds.set(deed.id, deed)
          if (!holds(kind)) continue
          const now_ = held.get(kind) ?? new Set()
          for (const chain of of) now_.add(chain)
          held.set(kind, now_)
        }
        if (one.do === 'look')
          for (const deed of Array.from(deeds.values()).filter(isLive)) {
            const signs = { ...one, mended: one.mended ? 'it is well' : undefined }
            const judgement = judge(deed, signs, now)
            // nothing is in force beyond its time
            if (now >= deed.until) expect(['undo', 'verify']).toContain(judgement.do)
            if (judgement.do === 'perform') expect(holds(deed.kind)).toBe(false)
            if (judgement.do !== 'verify' && judgement.do !== 'undo') continue
            if (judgement.do === 'verify' && holds(deed.kind)) {
              expect({ begun: one.begun, kept: one.kept, mended: one.mended }).toEqual({
                begun: 0,
                kept: true,
                mended: false,
              })
              expect(now).toBeGreaterThanOrEqual(deed.checkAt)
              deeds.set(deed.id, { ...deed, state: 'verified' })
              continue
            }
            over++
            const all = [...deeds.values()].filter(isLive)
            for (const chain of freedBy(deed, all)) if (holds(deed.kind)) held.get(deed.kind)?.delete(chain)
            const ended: Deed = {
              ...deed,
              state: judgement.do === 'verify' ? 'verified' : 'undone',
              endedAt: now,
            }
            deeds.set(deed.id, ended)
            past.push(ended)
            // what is held back is what those in force hold back, no more and no less
            for (const [kind, names] of held) {
              const claimed = [...deeds.values()]
                .filter((d) => d.kind === kind && isLive(d))
                .flatMap((d) => d.chains)
              expect([...names].toSorted()).toEqual([...new Set(claimed)].toSorted())
            }
          }
      }
    }),
    { numRuns: 500 },
  )
  expect(taken).toBeGreaterThan(500)
  expect(over).toBeGreaterThan(200)
})
