// What the kit is given, looked at before anything is done with it: all that is wrong in one error, each with its cure.

import type { AnyChain } from '../chain/any-chain.ts'
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
