// What the kit is given, looked at before anything is done with it: all that is wrong in one error, each with its cure.

import type { AnyChain } from '../chain/any-chain.ts'
import { collect } from '../chain/validate.ts'
import { walk } from '../definition/spec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { shown } from '../kernel/shown.ts'

/** @param where names who was given it, such as `harness()`. */
export function refuseNoChain(given: unknown, where: string): asserts given is AnyChain {
  const problem = chainProblem(given, where)
  if (problem !== undefined) refuse([problem])
}

/** What is wrong with what should be a chain, if anything is. */
export function chainProblem(given: unknown, where: string): string | undefined {
  const { spec, node, config } = (given ?? {}) as { spec?: unknown; node?: unknown; config?: unknown }
  if (isObject(spec) && typeof spec['id'] === 'string') return undefined
  if (node !== undefined)
    return `${where} takes a chain, and this is a service or a group: test it in a supervisor on a virtual clock`
  if (config !== undefined)
    return `${where} takes a chain, and this is a machine: give the chain that it is of, or fromMachine(id, machine)`
  return `${where} takes a chain: make one with chain(id)`
}

export function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

/** Throws all problems as one BAD_OPTION; nothing where there are none. */
export function refuse(problems: readonly (string | undefined)[]): void {
  const found = problems.filter((problem) => problem !== undefined)
  if (found.length > 0) throw new CatenaryError('BAD_OPTION', found.join('; '))
}

/** What is wrong where there should be a number in these bounds, or nothing at all. */
export function numberProblem(
  given: unknown,
  what: string,
  {
    least = -Infinity,
    most = Infinity,
    whole = false,
  }: { least?: number; most?: number; whole?: boolean } = {},
): string | undefined {
  if (given === undefined) return undefined
  const fits = typeof given === 'number' && Number.isFinite(given) && given >= least && given <= most
  if (fits && (!whole || Number.isInteger(given))) return undefined
  const from = least === -Infinity ? '' : ` from ${least}${most === Infinity ? ' on' : ` to ${most}`}`
  return `${what} is ${shown(given)}: give a${whole ? ' whole' : ''} number${from}`
}

/** What is wrong with the names of scripts, and with what stands under them. */
export function scriptProblems(
  steps: unknown,
  chains: readonly AnyChain[],
  where: string,
): readonly string[] {
  if (steps === undefined) return []
  if (!isObject(steps)) return [`${where} takes steps as an object: give { fetch: succeed('Ada') }`]
  const [home] = chains
  const specs = new Map(collect(chains.map(({ spec }) => spec)).map((spec) => [spec.id, spec]))
  return Object.entries(steps).flatMap(([name, script]) => {
    const slash = name.indexOf('/')
    const of = specs.get(slash < 0 ? (home?.id ?? '') : name.slice(0, slash))
    const [step = ''] = name.slice(slash + 1).split(':')
    const known = of === undefined ? [] : [...walk(of.entries)].map((entry) => entry.name)
    const lost =
      of === undefined
        ? [`steps has "${name}", and there is no such chain: there are ${[...specs.keys()].join(', ')}`]
        : of.guest !== undefined || step === 'returning' || known.includes(step)
          ? []
          : [
              `steps has "${name}", and chain "${of.id}" has no such step: it has ${known.join(', ') || 'none'}`,
            ]
    const scripts: readonly unknown[] = Array.isArray(script) ? script : [script]
    const does =
      script === 'real' || (scripts.length > 0 && scripts.every((one) => typeof one === 'function'))
    return does
      ? lost
      : [
          ...lost,
          `steps.${name} is no script: give succeed(value), fail(error), a function, a list of them, or 'real'`,
        ]
  })
}
