// What supervisors declared, folded from what each start told.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainDeclaration } from '../../src/definition/declaration.ts'
import { Declared, type Declaring, declaredIn } from '../../src/journal/declared.ts'
import { toEvent, toRow } from '../../src/journal/encoding.ts'
import type { JournalEvent } from '../../src/journal/event.ts'

const chainOf = (id: string, version: number): ChainDeclaration => ({
  id,
  version: String(version),
  tags: [],
  priority: 0,
  input: false,
  output: false,
  when: 'all_success',
  needs: [],
  follows: [],
  ready: [],
  steps: [],
  entries: [],
  machine: { id, type: 'compound' },
})

/** What is declared of these chains; counts how often one is asked for in full. */
function declaring(
  chains: Readonly<Record<string, number>>,
  concurrency: number,
): Declaring & { asked: number } {
  const made = {
    asked: 0,
    besides: { services: [], concurrency },
    chains: Object.entries(chains).map(([id, version]) => ({
      id,
      hash: `${id}${version}`,
      declare: () => {
        made.asked++
        return chainOf(id, version)
      },
    })),
  }
  return made
}

const names = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor')
const deploy = fc.record({
  chains: fc.dictionary(names, fc.integer({ min: 1, max: 3 })),
  concurrency: fc.integer({ min: 1, max: 2 }),
})

describe('what supervisors declared', () => {
  test('is after each start what that one declares, and told in full only where it is new', () => {
    fc.assert(
      fc.property(fc.array(deploy, { minLength: 1, maxLength: 12 }), (deploys) => {
        const journal: JournalEvent[] = []
        const newest = new Map<string, number>()
        const live = new Declared()
        for (const { chains, concurrency } of deploys) {
          const given = declaring(chains, concurrency)
          const facts = declaredIn(journal).start(1, given)
          const fresh = Object.entries(chains).filter(([id, version]) => newest.get(id) !== version)
          expect(given.asked).toBe(fresh.length)
          for (const [id, version] of fresh) newest.set(id, version)
          for (const fact of facts) {
            const event = toEvent(toRow({ ...fact, seq: journal.length + 1, at: 0, run: '' }))
            journal.push(event)
            live.apply(event)
          }
          const byId = (all: readonly ChainDeclaration[]): readonly ChainDeclaration[] =>
            all.toSorted((a, b) => (a.id < b.id ? -1 : 1))
          for (const told of [live, declaredIn(journal)]) {
            expect(told.declaration).toMatchObject({ services: [], concurrency })
            expect(byId(told.declaration?.chains ?? [])).toEqual(
              byId(Object.entries(chains).map(([id, version]) => chainOf(id, version))),
            )
            const last = journal.at(-1)
            expect(told.hash).toBe(last?.type === 'engine.started' ? last.declared : undefined)
          }
        }
      }),
    )
  })

  test('is told once: a start that declares the same again is one small event', () => {
    const first = new Declared().start(1, declaring({ a: 1, b: 1 }, 4))
    const events = first.map((fact, at) => ({ ...fact, seq: at + 1, at: 0, run: '' }))
    const again = declaredIn(events).start(2, declaring({ b: 1, a: 1 }, 4))
    expect(again).toEqual([
      {
        type: 'engine.started',
        epoch: 2,
        declared: first.at(-1)?.type === 'engine.started' ? expect.any(String) : '',
      },
    ])
    expect(again.map((fact) => 'declared' in fact && fact.declared)).toEqual(
      first.flatMap((fact) => ('declared' in fact ? [fact.declared] : [])),
    )
  })

  test('of very many chains is told in events of at most 200', () => {
    const many = Object.fromEntries(Array.from({ length: 450 }, (_, at) => [`c${at}`, 1]))
    const facts = new Declared().start(1, declaring(many, 4))
    expect(facts.map(({ type }) => type)).toEqual([
      'engine.declared',
      'engine.declared',
      'engine.declared',
      'engine.started',
    ])
    const events = facts.map((fact, at) => ({ ...fact, seq: at + 1, at: 0, run: '' }))
    expect(declaredIn(events).declaration?.chains).toHaveLength(450)
  })

  test('is read ahead an event at a time, and then the same as without', () => {
    const many = Object.fromEntries(Array.from({ length: 450 }, (_, at) => [`c${at}`, 1]))
    const facts = new Declared().start(1, declaring(many, 2))
    const journal = facts.map((fact, at): JournalEvent => ({ ...fact, seq: at + 1, at: 0, run: '' }))
    const ahead = declaredIn(journal)
    expect([...ahead.reading()]).toHaveLength(3)
    expect([...ahead.reading()]).toHaveLength(0)
    expect(ahead.declaration).toEqual(declaredIn(journal).declaration)
    expect(ahead.declaration?.chains).toHaveLength(450)
  })
})
