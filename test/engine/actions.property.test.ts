// Actions on the real engine, whatever happens: sick and healthy times, people, crashes at any step.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holds, oppose } from '../../machines/action-rules.ts'
import { chain } from '../../src/chain/create-chain.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createRig } from './rig.ts'

const deed = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('run' as const), times: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('poison' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 900_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('crash' as const), steps: fc.nat(12), deploy: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('act' as const, 'undo' as const), which: fc.nat(5) }),
  },
)

type Taken = JournalEvent & { readonly type: 'action.taken' }

/** What the journal must be, whatever happened. */
function holdJournal(events: readonly JournalEvent[]): readonly Taken[] {
  const live = new Map<string, Taken>()
  const causes = new Set<string>()
  const taken: Taken[] = []
  for (const [index, event] of events.entries()) {
    if (event.type === 'action.taken') {
      expect(live.has(event.id), `${event.id} is taken twice`).toBe(false)
      for (const other of live.values()) expect(oppose(other, event)).toBe(false)
      if (event.by === 'auto') {
        expect(causes, 'what nobody asked for is done once for one reason').not.toContain(
          `${event.id} ${event.cause}`,
        )
        causes.add(`${event.id} ${event.cause}`)
      }
      // one commit with what it holds back
      if (holds(event.kind)) expect(events[index - 1]?.type).toBe('config.changed')
      live.set(event.id, event)
      taken.push(event)
    }
    if (event.type === 'action.verified' && !holds(live.get(event.id)?.kind ?? 'quarantine'))
      live.delete(event.id)
    if (event.type === 'action.undone') expect(live.delete(event.id), `${event.id} ends twice`).toBe(true)
  }
  expect([...live.values()], 'what was taken comes to its end').toEqual([])
  return taken
}

test('each action is done once, against nothing in force, and comes to its end; nothing stays held back', async () => {
  const kinds = new Map<string, number>()
  const property = fc.asyncProperty(
    fc.array(deed, { minLength: 4, maxLength: 16, size: 'max' }),
    async (deeds) => {
      const state = { sick: true, version: 1, input: 100 }
      const build = (): readonly [AnyChain, AnyChain] => {
        const load = chain<number>('load', { version: String(state.version) }).step('read', ({ input }) => {
          if (state.sick) throw new Error('no such table')
          return input
        })
        const sum = chain<number>('sum')
          .needs({ load })
          .step('add', ({ needs }) => needs.load + 1)
        return [load, sum]
      }
      let chains = build()
      const rig = await createRig(chains, {
        poison: { after: 2 },
        analyze: { policy: 'auto', check: '2m', hold: '20m', rest: '3m' },
      })
      // what is held back refuses, and waits
      const start = async (input: number): Promise<void> => {
        await rig.start(chains[1], input).catch(() => {})
        await rig.start(chains[0], input).catch(() => {})
      }
      for (const one of deeds) {
        switch (one.do) {
          case 'run':
            for (let n = 0; n < one.times; n++) {
              await start(state.input++)
              await rig.advance(5)
            }
            break
          case 'poison':
            for (let n = 0; n < 3; n++) {
              await start(13)
              await rig.advance(5)
            }
            break
          case 'turn':
            state.sick = !state.sick
            break
          case 'wait':
            await rig.advance(one.ms)
            break
          case 'crash':
            await rig.advance(59_999)
            rig.jump(2)
            await rig.steps(one.steps)
            if (one.deploy) state.version++
            chains = build()
            await rig.crash(chains)
            break
          default: {
            const all = await rig.until(rig.supervisor.analyzer.actions())
            const { id } = all[one.which % Math.max(1, all.length)] ?? {}
            if (id !== undefined) await rig.until(rig.supervisor.analyzer[one.do](id)).catch(() => {})
          }
        }
      }
      state.sick = false
      await rig.advance('2h')
      for (const { kind } of holdJournal(rig.events())) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      expect(rig.supervisor.config.current.chains).toEqual({})
      const events = rig.events()
      const count = (fits: (event: JournalEvent) => boolean): number => events.filter(fits).length
      const takenOf = (kind: string): number =>
        count((event) => event.type === 'action.taken' && event.kind === kind)
      expect(count(({ type }) => type === 'run.retried')).toBeLessThanOrEqual(takenOf('unblock'))
      expect(
        count(({ type, run }) => type === 'run.accepted' && run.startsWith('again-')),
      ).toBeLessThanOrEqual(takenOf('re-run-stale'))
      await rig.until(rig.supervisor.stop())
    },
  )
  // drawn anew each time; and histories in which every kind of action is known to be taken
  await fc.assert(property, { numRuns: 13 })
  await fc.assert(property, { numRuns: 12, seed: 1 })
  expect([...kinds.keys()].toSorted()).toEqual(['pause-downstream', 'quarantine', 're-run-stale', 'unblock'])
}, 180_000)
