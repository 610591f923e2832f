// The key of what is memoised: the same for the same work, told from recorded data and what its author declares.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { GuardScope } from '../definition/guards.ts'
import type { ChainMemoSpec, StepMemoSpec } from '../definition/memo.ts'
import { type EntrySpec, nested, walk } from '../definition/spec.ts'
import { canonical, hash } from '../kernel/codec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { watched } from './needs-reads.ts'
import { isThenable } from './validate.ts'

/** A step, or the items of an `each`; `round` where a `repeat` is around it. */
export interface MemoStep {
  readonly chain: Pick<CompiledChain, 'spec' | 'version'>
  readonly step: string
  readonly round?: string | undefined
}

/** Throws what the author's function throws, and where it answers what makes no key. */
export function stepKey({ chain, step, round }: MemoStep, memo: StepMemoSpec, scope: GuardScope): string {
  const { spec, version } = chain
  const what = `key of memo of step "${step}"`
  const of = { chain: spec.id, version, step, memo: memo.version }
  if (memo.key !== undefined) {
    const key = told(memo.key({ ...scope, needs: watched(scope.needs) }), what)
    return keyOf({ ...of, key }, what)
  }
  const { input, needs, steps, ...item } = scope
  const before = new Set(namesBefore(spec.entries, step))
  const outputs = Object.fromEntries(Object.entries(steps).filter(([name]) => before.has(name)))
  return keyOf(
    { ...of, input, needs, steps: outputs, ...item, ...(round === undefined ? {} : { round }) },
    what,
  )
}

export function chainKey(
  { spec, version }: Pick<CompiledChain, 'spec' | 'version'>,
  memo: ChainMemoSpec,
  { input, needs = {} }: { readonly input?: unknown; readonly needs?: unknown },
): string {
  const what = `key of memo of chain "${spec.id}"`
  const env = memo.env === undefined ? {} : told(memo.env(), `env of memo of chain "${spec.id}"`)
  if (!isEnv(env))
    throw new CatenaryError(
      'BAD_OPTION',
      `env of memo of chain "${spec.id}" told no texts by name: return an object of texts`,
    )
  return keyOf({ chain: spec.id, version, memo: memo.version, input, needs, env }, what)
}

function keyOf(parts: object, what: string): string {
  return `memo:${hash(canonical(parts, what))}`
}

function told(value: unknown, what: string): unknown {
  if (!isThenable(value)) return value
  value.then(undefined, () => {})
  throw new CatenaryError(
    'DECISION_ASYNC',
    `${what} is told by a promise: tell it at once, from recorded data`,
  )
}

function isEnv(env: unknown): boolean {
  if (typeof env !== 'object' || env === null || Array.isArray(env)) return false
  return Object.values(env).every((value) => typeof value === 'string')
}

/** The steps that come before one: not those of branches beside it, which may have ended or not. */
function namesBefore(entries: readonly EntrySpec[], step: string): readonly string[] | undefined {
  const names: string[] = []
  for (const entry of entries) {
    if (entry.name === step) return names
    for (const inside of nested(entry)) {
      const found = namesBefore(inside, step)
      if (found === undefined) continue
      // in a later round, all of the round before
      const round = entry.kind === 'repeat' ? [...walk(entry.entries)].map(({ name }) => name) : found
      return [...names, ...round]
    }
    names.push(...[...walk([entry])].map(({ name }) => name))
  }
  return undefined
}
