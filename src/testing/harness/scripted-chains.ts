// The same chains with other functions in their steps: the machine, its states and its decisions stay as they are.

import type { AnyChain } from '../../chain/any-chain.ts'
import { Face } from '../../chain/face.ts'
import type { StepContext } from '../../definition/context.ts'
import { plainStep } from '../../definition/plain-step.ts'
import type { ChainSpec, EdgeSpec, EntrySpec, StepBody, StepOptionsSpec } from '../../definition/spec.ts'

/** One call of a step's function. */
export interface Called {
  readonly chain: string
  /** The step's name; `name:fallback` and `name:compensation` for what belongs to it. */
  readonly step: string
  readonly context: StepContext
  /** The item, in an `each`. */
  readonly item: unknown
  readonly real: () => unknown
}

export type Deciding = (...handed: never[]) => unknown

export interface Casting {
  /** Stands in for the function of every step. */
  readonly call: (called: Called) => unknown
  /** Stands in for a function of the author's that decides, where the test says so: `route:choice`, `read:items`. */
  readonly decide: (chain: string, decision: string, own: Deciding) => Deciding
  /** The function that a chain consists of instead of its steps, where the test says what it returns. */
  readonly given: (chain: string) => StepBody | undefined
}

/** Makes such copies of chains; what several of them need is copied once. */
export function createCast({ call, decide, given }: Casting): (chain: AnyChain) => AnyChain {
  const copies = new Map<ChainSpec, ChainSpec>()
  const body = (chain: string, step: string, own: StepBody): StepBody => {
    const real = own as (...handed: readonly unknown[]) => unknown
    return (...handed: readonly unknown[]) => {
      const context = handed.at(-1) as StepContext
      const item = handed.length > 1 ? handed[0] : undefined
      return call({ chain, step, context, item, real: () => real(...handed) })
    }
  }
  const by = <F extends Deciding>(chain: string, decision: string, own: F): F =>
    decide(chain, decision, own) as F
  const options = (chain: string, step: string, own: StepOptionsSpec): StepOptionsSpec => {
    const { fallback, compensate, retryWhen } = own
    return {
      ...own,
      ...(retryWhen === undefined ? {} : { retryWhen: by(chain, `${step}:recovery`, retryWhen) }),
      ...(fallback === undefined ? {} : { fallback: body(chain, `${step}:fallback`, fallback) }),
      ...(compensate === undefined
        ? {}
        : {
            compensate: {
              ...compensate,
              body: body(chain, `${step}:compensation`, compensate.body),
            },
          }),
    }
  }
  const entries = (chain: string, own: readonly EntrySpec[]): readonly EntrySpec[] =>
    own.map((entry): EntrySpec => {
      const { name } = entry
      switch (entry.kind) {
        case 'step': {
          const { transact, ...step } = entry
          const real = transact === undefined ? entry.body : noDatabase(name)
          return { ...step, body: body(chain, name, real), options: options(chain, name, entry.options) }
        }
        case 'each':
          return {
            ...entry,
            items: by(chain, `${name}:items`, entry.items),
            body: typeof entry.body === 'function' ? body(chain, name, entry.body) : copy(entry.body),
            options: options(chain, name, entry.options),
          }
        case 'parallel':
          return {
            ...entry,
            branches: Object.fromEntries(
              Object.entries(entry.branches).map(([key, inner]) => [key, entries(chain, inner)]),
            ),
          }
        case 'choose':
          return {
            ...entry,
            cases: entry.cases.map((one) => ({
              when: by(chain, `${name}:choice`, one.when),
              entries: entries(chain, one.entries),
            })),
            otherwise: entries(chain, entry.otherwise),
          }
        case 'repeat':
          return {
            ...entry,
            entries: entries(chain, entry.entries),
            until: by(chain, `${name}:until`, entry.until),
          }
        case 'call':
          return { ...entry, chain: copy(entry.chain), input: by(chain, `${name}:input`, entry.input) }
        case 'fail':
          return { ...entry, reason: by(chain, `${name}:reason`, entry.reason) }
        case 'sleep':
          if (typeof entry.until === 'number') return entry
          return { ...entry, until: by(chain, `${name}:due`, entry.until) }
        case 'wait':
          return entry
      }
    })
  const copy = (spec: ChainSpec): ChainSpec => {
    let one = copies.get(spec)
    if (one === undefined) copies.set(spec, (one = copyNow(spec)))
    return one
  }
  const copyNow = (spec: ChainSpec): ChainSpec => {
    const instead = given(spec.id)
    if (instead !== undefined) return consistingOf(spec, instead)
    const edges = (own: readonly EdgeSpec[]): readonly EdgeSpec[] =>
      own.map((edge) => ({ ...edge, chain: copy(edge.chain) }))
    return {
      ...spec,
      needs: edges(spec.needs),
      follows: edges(spec.follows),
      entries: entries(spec.id, spec.entries),
      ...(spec.returns === undefined ? {} : { returns: by(spec.id, 'returning', spec.returns) }),
    }
  }
  return (chain) => new Face(copy(chain.spec)) as unknown as AnyChain
}

const plainly: StepOptionsSpec = {
  ...plainStep,
  backoff: { initial: 0, factor: 1, max: 0, jitter: 'none' },
}

function consistingOf({ id, version, tags, priority }: ChainSpec, body: StepBody): ChainSpec {
  return {
    id,
    version,
    tags,
    priority,
    needs: [],
    follows: [],
    rule: 'all_success',
    entries: [{ kind: 'step', name: 'given', body, options: plainly }],
  }
}

const noDatabase = (step: string) => (): never => {
  throw new TypeError(`"${step}" is a transact step: a harness has no database for its own function`)
}
