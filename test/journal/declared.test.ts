// What supervisors declared, folded from what each start told.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainDeclaration } from '../../src/definition/declaration.ts'
import { Declared, type Declaring, declaredIn } from '../../src/journal/declared.ts'
import { toEvent, toRow } from '../../src/journal/encoding.ts'
import type { Fact, JournalEvent } from '../../src/journal/event.ts'
import { encode } from '../../src/kernel/codec.ts'

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

  const after = (...starts: readonly (readonly Fact[])[]): Declared =>
    declaredIn(starts.flat().map((fact, at): JournalEvent => ({ ...fact, seq: at + 1, at: 0, run: '' })))

  test('is nothing before anything was declared', () => {
    const { declaration, hash } = new Declared()
    expect([declaration, hash, new Declared().chain('a')]).toEqual([undefined, undefined, undefined])
    expect([...new Declared().reading()]).toEqual([])
  })

  test('is told as what is new, what is back, and what is gone', () => {
    const short: unknown = expect.stringMatching(/^[0-9a-f]{16}$/)
    const ended = { type: 'engine.started', epoch: 1, declared: short }
    const first = new Declared().start(1, declaring({ a: 1, b: 1 }, 4))
    expect(first).toStrictEqual([
      {
        type: 'engine.declared',
        chains: { a: 'a1', b: 'b1' },
        besides: short,
        payload: encode(
          { chains: [chainOf('a', 1), chainOf('b', 1)], besides: { services: [], concurrency: 4 } },
          'declaration',
        ),
      },
      ended,
    ])
    const second = after(first).start(1, declaring({ a: 2 }, 4))
    expect(second).toStrictEqual([
      {
        type: 'engine.declared',
        chains: { a: 'a2' },
        gone: ['b'],
        payload: encode({ chains: [chainOf('a', 2)] }, 'declaration'),
      },
      ended,
    ])
    // one that is gone is still known
    expect(after(first, second).chain('b')).toEqual(chainOf('b', 1))
    const third = after(first, second).start(1, declaring({ a: 2, b: 1 }, 4))
    expect(third).toStrictEqual([{ type: 'engine.declared', chains: { b: 'b1' }, again: ['b'] }, ended])
    expect(after(first, second, third).declaration?.chains).toHaveLength(2)
    const gone = after(first, second, third).start(1, declaring({ a: 2 }, 4))
    expect(gone).toStrictEqual([{ type: 'engine.declared', chains: {}, gone: ['b'] }, ended])
    const other = after(first, second, third).start(1, declaring({ a: 2, b: 1 }, 5))
    expect(other).toMatchObject([{ chains: {}, besides: short }, ended])
    expect(
      new Set([first, second, third, gone, other].map((facts) => JSON.stringify(facts.at(-1)))).size,
    ).toBe(4)
  })

  test('is known by a hash of all chains and of what else there is', () => {
    const hashOf = (chains: Readonly<Record<string, number>>, concurrency = 4): unknown =>
      new Declared().start(1, declaring(chains, concurrency)).at(-1)
    expect(hashOf({ a: 1, b: 1 })).toEqual(hashOf({ b: 1, a: 1 }))
    for (const other of [hashOf({ a: 1 }), hashOf({ a: 2, b: 1 }), hashOf({ a: 1, b: 1 }, 5)])
      expect(other).not.toEqual(hashOf({ a: 1, b: 1 }))
  })

  test('is not changed by events that tell nothing new, nor by those of others', () => {
    const first = new Declared().start(1, declaring({ a: 1 }, 4))
    const declared = after(first, [
      { type: 'run.paused' },
      { type: 'engine.declared', chains: { z: 'z1' }, again: ['z'] },
      { type: 'engine.declared', chains: { y: 'y1' }, besides: 'else' },
    ])
    expect(declared.declaration).toEqual(after(first).declaration)
    expect(declared.hash).toBe(after(first).hash)
    expect(declared.declaration).toBe(declared.declaration)
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
    const one = (fact: Fact): unknown[] => ['again', 'gone', 'besides'].filter((key) => key in fact)
    expect(facts.map(one)).toEqual([['besides'], [], [], []])
    // what is gone is told once
    const other = Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`d${at}`, 1]))
    expect(declaredIn(events).start(2, declaring(other, 4)).map(one)).toEqual([['gone'], [], []])
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
