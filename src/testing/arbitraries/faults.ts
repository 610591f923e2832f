// What may go wrong in runs of a chain, drawn: scripts of an exploration, and scripts of steps.

import * as fc from 'fast-check'
import type { AnyChain } from '../../chain/any-chain.ts'
import { collect } from '../../chain/validate.ts'
import { walk } from '../../definition/spec.ts'
import { NonRetryable } from '../../kernel/failure.ts'
import { type Fault, type Scene, faultsAt, placeOf } from '../exploration/fault.ts'
import { endsInTime } from '../exploration/turns.ts'
import { numberProblem, refuse, refuseNoChain } from '../given.ts'
import { type Script, fail, slow, succeed } from '../harness/scripts.ts'

/**
 * Scripts for `explore(chain, invariants, { script })`: what goes wrong in one run. They shrink towards nothing going
 * wrong; a fault at a turn that a run does not come to does nothing.
 *
 * @param options.most most faults of a script. Default 3.
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 *
 * const pay = chain('pay').step('charge', () => 'charged', { attempts: 3 })
 * await fc.assert(
 *   fc.asyncProperty(faultsOf(pay), async (script) => assertHolds(await explore(pay, {}, { script }))),
 *   { numRuns: 5 },
 * )
 * ```
 */
export function faultsOf(
  chain: AnyChain,
  { most = 3 }: { readonly most?: number } = {},
): fc.Arbitrary<readonly Fault[]> {
  refuseNoChain(chain, 'faultsOf()')
  refuse([numberProblem(most, 'most', { least: 0, whole: true })])
  const specs = new Map(collect([chain.spec]).map((spec) => [spec.id, spec]))
  const waits: string[] = []
  const scenes: (Pick<Fault, 'at'> & { readonly scene: Scene })[] = []
  const add = (at: string, kind: Scene['kind'], timed = false): void => {
    scenes.push({ at, scene: { kind, timed, commits: 2, ahead: kind === 'attempt' ? waits : [] } })
  }
  for (const { id, entries } of specs.values())
    for (const { kind, name, ...entry } of walk(entries)) {
      const own = id === chain.id ? name : `${id}/${name}`
      if (kind === 'wait') {
        waits.push(name)
        add(`signal ${name}`, 'signal')
      }
      if (kind !== 'step' && kind !== 'each') continue
      const { fallback, compensate } = 'options' in entry ? entry.options : {}
      const parts = [
        '',
        ...(fallback === undefined ? [] : [':fallback']),
        ...(compensate === undefined ? [] : [':compensation']),
      ]
      for (const part of parts)
        add(`${own}${part}`, 'attempt', endsInTime({ chain: id, step: `${name}${part}` }, specs))
    }
  for (const kind of ['time', 'slots', 'start', 'person'] as const) add(kind, kind)
  const all = scenes.flatMap(({ at, scene }) => faultsAt(scene).map((what): Fault => ({ at, ...what })))
  const one = fc
    .tuple(fc.constantFrom(...all), fc.integer({ min: 1, max: 3 }))
    .map(([fault, nth]): Fault => (nth === 1 || fault.at === 'start' ? fault : { ...fault, nth }))
  return fc.uniqueArray(one, { maxLength: most, selector: placeOf })
}

/**
 * What the attempts of a step do one after the other, for `steps` of a harness: some fail, for good or not, some are
 * slow, and the last one succeeds. They shrink towards one that succeeds at once.
 *
 * @param output an arbitrary of what it succeeds with. Default nothing.
 * @param options.most most attempts before the last. Default 3.
 * @throws CatenaryError BAD_OPTION
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 *
 * const pull = chain('pull').step('fetch', () => 1, { attempts: 5 })
 * await fc.assert(
 *   fc.asyncProperty(attemptsOf(fc.nat()), async (fetch) => {
 *     const t = await harness(pull, { steps: { fetch } })
 *     await t.advance('1d')
 *     assertRun(t, 'fetch')
 *   }),
 *   { numRuns: 5 },
 * )
 * ```
 */
export function attemptsOf(
  output: fc.Arbitrary<unknown> = fc.constant(undefined),
  { most = 3 }: { readonly most?: number } = {},
): fc.Arbitrary<readonly Script[]> {
  // a list has `map` as well
  refuse([
    output instanceof fc.Arbitrary
      ? undefined
      : 'attemptsOf() takes an arbitrary of outputs: for one value, give fc.constant(value)',
    numberProblem(most, 'most', { least: 0, whole: true }),
  ])
  const said = <S extends Script>(script: S, text: string): S =>
    Object.assign(script, { [fc.toStringMethod]: () => text })
  const failing = fc.oneof(
    fc.constant('no answer').map((why) => said(fail(why), `fail('${why}')`)),
    fc
      .integer({ min: 1, max: 3_600_000 })
      .map((ms) => said(slow(ms, fail('late')), `slow(${ms}, fail('late'))`)),
    fc
      .constant('refused')
      .map((why) => said(fail(new NonRetryable(why)), `fail(new NonRetryable('${why}'))`)),
  )
  const last = output.map((value) => said(succeed(value), `succeed(${fc.stringify(value)})`))
  return fc.tuple(fc.array(failing, { maxLength: most }), last).map(([before, then]) => [...before, then])
}
