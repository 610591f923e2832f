// Over random graphs, failures, orders and crashes: a run ends once, as its rules say, and within all its budgets.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type TriggerRule, triggerRules, type UpstreamState, verdict } from '../../machines/trigger-rules.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { type AnyChain, chain } from '../../src/index.ts'
import { createRig, type Rig } from '../engine/rig.ts'

interface Node {
  /** Indexes of those before it. */
  readonly needs: readonly number[]
  readonly rule: TriggerRule
  /** How long each try takes (ms); 0 for at once. */
  readonly takes: number
  /** So many tries fail. */
  readonly fails: number
  readonly attempts: number
  readonly grouped: boolean
}

const node = (index: number): fc.Arbitrary<Node> =>
  fc.record({
    needs: fc.subarray([...Array(index).keys()]),
    rule: fc.constantFrom<TriggerRule[]>('all_success', ...triggerRules),
    takes: fc.constantFrom(0, 5, 5, 70, 400),
    fails: fc.constantFrom(0, 0, 1, 9),
    attempts: fc.integer({ min: 1, max: 3 }),
    grouped: fc.boolean(),
  })
const graphs = fc
  .integer({ min: 1, max: 7 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => node(index))))

const groupLimit = 2
const idOf = (index: number): string => `n${index}`

/** What becomes of each in the end, from the rules alone, whatever comes first. */
function modelOf(nodes: readonly Node[]): readonly string[] {
  const ends: string[] = []
  const judged: Readonly<Record<string, UpstreamState>> = { succeeded: 'success', failed: 'failed' }
  for (const { needs, rule, fails, attempts } of nodes) {
    const said = verdict(
      rule,
      needs.map((index) => judged[ends[index] as string] ?? (ends[index] as UpstreamState)),
    )
    ends.push(
      said === 'run' ? (fails < attempts ? 'succeeded' : 'failed') : said === 'skip' ? 'skipped' : said,
    )
  }
  return ends
}

function build(nodes: readonly Node[], rig: () => Rig): readonly AnyChain[] {
  const chains: AnyChain[] = []
  for (const [index, { needs, rule, takes, fails, attempts, grouped }] of nodes.entries()) {
    const upstreams = Object.fromEntries(needs.map((at) => [idOf(at), chains[at]]))
    const concurrency = grouped ? { concurrency: { key: () => 'one', limit: groupLimit } } : {}
    const begun = chain(idOf(index), concurrency)
    const needing = needs.length === 0 ? begun : begun.needs(upstreams as never, { when: rule })
    const of = needing.step(
      's',
      async ({ runId, signal }) => {
        if (takes > 0) {
          const { clock } = rig()
          await new Promise<void>((resolve) => {
            const cancel = clock.at(clock.now() + takes, resolve)
            signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
          })
        }
        // luck follows what is committed, not how often a process died
        const failed = rig()
          .events()
          .filter((event) => event.type === 'attempt.failed' && event.run === runId)
        if (failed.filter((event) => 'chain' in event && event.chain === idOf(index)).length < fails)
          throw new Error('no')
      },
      { attempts, backoff: { initial: 20 } },
    )
    chains.push(of)
  }
  return chains
}

/** Holds a journal against what must never happen. */
function judge(events: readonly JournalEvent[], nodes: readonly Node[], concurrency: number): void {
  const ended = new Map<string, number>()
  const inGroup = new Map<string, number>()
  const tries = new Map<string, number>()
  const count = (of: Map<string, number>, key: string, by = 1): number => {
    const now = (of.get(key) ?? 0) + by
    of.set(key, now)
    return now
  }
  for (const event of events) {
    if (event.run === '') continue
    const over = ended.has(event.run)
    expect(over && event.type !== 'attempt.settled-late', `${event.type} after the end of ${event.run}`).toBe(
      false,
    )
    if (event.type === 'run.ended') expect(count(ended, event.run)).toBe(1)
    if (!('chain' in event)) continue
    const place = `${event.run} ${event.chain}`
    const { grouped = false, attempts = 0 } = nodes[Number(event.chain.slice(1))] ?? {}
    if (event.type === 'chain.started' && grouped)
      expect(count(inGroup, event.chain)).toBeLessThanOrEqual(groupLimit)
    if (event.type === 'chain.ended') {
      expect(count(ended, place), `ends of ${place}`).toBe(1)
      if (grouped && (tries.has(place) || event.status === 'succeeded')) count(inGroup, event.chain, -1)
    }
    if (event.type === 'attempt.started') {
      expect(count(tries, place)).toBeLessThanOrEqual(attempts)
      expect(event.inFlight).toBeLessThanOrEqual(concurrency)
    }
    if (event.type === 'attempt.lost') count(tries, place, -1)
  }
}

test(
  'each run and each chain ends once, as the rules say, whatever comes first and whenever the process dies',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 2 }),
        async (nodes, concurrency, crashes) => {
          const chains = build(nodes, () => rig)
          const rig: Rig = await createRig(chains, { concurrency })
          const ids = ['one', 'two', 'three']
          for (const id of ids) await rig.start(chains, undefined, { id })
          for (const steps of crashes) {
            await rig.advance(steps * 10)
            await rig.crash()
          }
          for (let round = 0; round < 2_000; round++) {
            if (rig.events().filter(({ type }) => type === 'run.ended').length === ids.length) break
            await rig.advance(50)
          }
          judge(rig.events(), nodes, concurrency)
          const model = modelOf(nodes)
          for (const id of ids) {
            const ends = new Map(
              rig
                .events()
                .flatMap((event) =>
                  event.type === 'chain.ended' && event.run === id ? [[event.chain, event.status]] : [],
                ),
            )
            expect(nodes.map((_, index) => ends.get(idOf(index)))).toEqual(model)
          }
        },
      ),
      { numRuns: 60 },
    )
  },
)
