import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnyChain } from '../../../src/chain/any-chain.ts'
import { compile } from '../../../src/chain/compile.ts'
import { NonRetryable, chain } from '../../../src/index.ts'
import { createRandom } from '../../../src/kernel/random.ts'
import { harness } from '../../../src/testing.ts'
import { atlasOf } from '../../../src/testing/paths/coverage.ts'
import { explore } from '../../../src/testing/paths/explore.ts'
import { label, partsOf } from '../../../src/testing/paths/machine-parts.ts'
import { waysTo } from '../../../src/testing/paths/paths.ts'
import { quick } from './chains.ts'

type Kind = 'step' | 'parallel' | 'choose' | 'wait' | 'sleep' | 'repeat' | 'each'

interface Drawn {
  readonly kind: Kind
  readonly attempts: number
  readonly fallback: boolean
  readonly compensate: boolean
  readonly deadline: boolean
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom<Kind>('step', 'step', 'parallel', 'choose', 'wait', 'sleep', 'repeat', 'each'),
  attempts: fc.integer({ min: 1, max: 3 }),
  fallback: fc.boolean(),
  compensate: fc.boolean(),
  deadline: fc.boolean(),
})

type Method = (...given: readonly unknown[]) => Loose
/** The builder without its types: each method returns another one, and what is built here has none. */
type Loose = Readonly<Record<Kind | 'when' | 'otherwise', Method>>

function build(list: readonly Drawn[]): AnyChain {
  let one = chain('drawn') as unknown as Loose
  for (const [index, { kind, attempts, fallback, compensate, deadline }] of list.entries()) {
    const name = `${kind}${index}`
    const options = {
      attempts,
      ...(attempts > 1 ? { backoff: quick } : {}),
      ...(fallback ? { fallback: () => 0 } : {}),
      ...(compensate ? { compensate: () => {} } : {}),
      ...(deadline ? { deadline: '1h' } : {}),
    }
    const inner = (b: Loose): Loose => b.step(`in${index}`, () => 1, options)
    const other = (b: Loose): Loose => b.step(`by${index}`, () => 1)
    if (kind === 'step') one = one.step(name, () => 1, options)
    if (kind === 'parallel') one = one.parallel(name, { x: inner, y: other })
    if (kind === 'choose') one = one.choose(name, (c: Loose) => c.when(() => true, inner).otherwise(other))
    if (kind === 'wait') one = one.wait(name, undefined, deadline ? { timeout: '1h' } : {})
    if (kind === 'sleep') one = one.sleep(name, '1h')
    if (kind === 'repeat') one = one.repeat(name, inner, { until: () => true, max: 2 })
    if (kind === 'each')
      one = one.each(
        name,
        () => [1, 2],
        () => 1,
      )
  }
  return one as unknown as AnyChain
}

const cases = fc.tuple(fc.array(drawn, { minLength: 1, maxLength: 4 }), fc.integer())

test('there is a way to every transition of any chain that something can take', () => {
  fc.assert(
    fc.property(cases, ([list]) => {
      const compiled = compile(build(list).spec)
      const { transitions, ways } = atlasOf(compiled)
      expect(transitions.filter(({ id }) => !ways.has(id)).map(label)).toEqual([])
      const whole = explore(compiled, { most: 1_000 })
      if (!whole.complete) return
      const shortest = waysTo(whole)
      expect(transitions.filter(({ id }) => !shortest.has(id)).map(label)).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('whatever happens to a run, its machine takes none of the transitions that do not count', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([list, seed]) => {
      const random = createRandom(seed)
      const one = build(list)
      const compiled = compile(one.spec)
      const known = new Set(partsOf(compiled).transitions.map(({ id }) => id))
      const names = [...partsOf(compiled).states].map((path) => path.split('.').at(-1) ?? '')
      const steps = list.flatMap(({ kind }, index) => [`${kind}${index}`, `in${index}`, `by${index}`])
      const all = steps.flatMap((step) => [step, `${step}:fallback`, `${step}:compensation`])
      const t = await harness(one, { occupied: random() < 0.3, retryBudget: false, seed })
      for (let turn = 0; turn < 40; turn++) {
        const [held] = (await Promise.all(all.map(async (step) => t.attempts(step)))).flat()
        const chance = random()
        if (chance < 0.05) await t.crash()
        else if (chance < 0.07) await t.run.cancel().catch(() => {})
        else if (chance < 0.15) await t.free()
        else if (chance < 0.2) await t.occupy()
        else if (chance < 0.3 || held === undefined) {
          const waiting = list.findIndex(
            ({ kind }, at) => kind === 'wait' && t.states.some((s) => s.startsWith(`wait${at}`)),
          )
          if (waiting >= 0 && chance < 0.5) await t.signal(`wait${waiting}`)
          else await t.advance('20m')
        } else if (chance < 0.75) await held.succeed()
        else if (chance < 0.9) await held.fail('again')
        else await held.fail(new NonRetryable('no more'))
      }
      const { transitions = new Set<string>(), states = new Set<string>() } =
        t.history().visited.get('drawn') ?? {}
      expect([...transitions].filter((id) => !known.has(id) && !/\|cancel\|/.test(id))).toEqual([])
      expect([...states].every((path) => names.includes(path.split('.').at(-1) ?? ''))).toBe(true)
      const end = t.events().findLast(({ type }) => type === 'chain.ended')
      if (end?.type === 'chain.ended') expect(t.states, t.timeline()).toEqual([end.status])
      await t.stop()
    }),
    { numRuns: 25 },
  )
})
