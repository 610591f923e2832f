// What an exploration has found, as data and as text.

import { isDeepStrictEqual } from 'node:util'
import type { Share } from '../paths/coverage.ts'
import { type Fault, faultText } from './fault.ts'

/** A way in which an invariant breaks, as short as it was found to be. */
export interface Counterexample {
  /** What does not hold. */
  readonly invariant: string
  /** What the invariant said. */
  readonly message: string
  /** What goes wrong: the option `script` replays it. */
  readonly script: readonly Fault[]
  readonly seed: number
  /** The same as a test of a harness. */
  readonly code: string
  /** What happened. */
  readonly timeline: string
}

/** What was tried, and what was found. */
export interface Exploration {
  readonly chain: string
  readonly seed: number
  /** Runs that were looked at, from their start to where they came to rest. */
  readonly stories: number
  /** What went wrong in them, in all. */
  readonly faults: number
  /** Distinct places: where the machines were, and what was to happen there. */
  readonly places: number
  /** Faults at places that were reached, which the bound left out. */
  readonly leftOut: number
  /** Parts of the chain's own machine; undefined of a machine of your own. */
  readonly states: Share | undefined
  readonly transitions: Share | undefined
  /** What no story came to, of states and transitions. */
  readonly missing: readonly string[]
  readonly counterexample: Counterexample | undefined
  /** The same as text for people. */
  toString(): string
}

/** A test of a harness that does what these lines do. @param options what it is given, in this order. */
export function codeOf(
  chain: string,
  lines: readonly string[],
  options: Readonly<Record<string, unknown>>,
): string {
  const name = chain.replaceAll(/[^a-zA-Z0-9]+(.)?/g, (_, next: string = '') => next.toUpperCase())
  const given = Object.entries(options).map(([option, value]) => {
    const text = literal(option, value)
    return text === option ? option : `${option}: ${text}`
  })
  return [`const t = await harness(${name}, { ${given.join(', ')} })`, ...lines].join('\n')
}

/** As its reader knows it, where it is too long or is not all told as JSON. */
const named: ReadonlySet<string> = new Set(['steps', 'needs', 'chains', 'start'])

function literal(option: string, value: unknown): string {
  if (option === 'app') return 'world'
  if (named.has(option)) return option
  try {
    const text = JSON.stringify(value) as string | undefined
    if (text !== undefined && text.length < 200 && isDeepStrictEqual(JSON.parse(text), value)) return text
  } catch {
    // no JSON
  }
  return option
}

export function explorationText(of: Omit<Exploration, 'toString'>): string {
  const { chain, seed, stories, faults, places, leftOut, states, transitions, missing, counterexample } = of
  const parts =
    states === undefined || transitions === undefined
      ? ''
      : `, ${states.visited} of ${states.all} states, ${transitions.visited} of ${transitions.all} transitions`
  const tried = [
    `${chain}: ${stories} runs with ${faults} faults at ${places} places${parts}; seed ${seed}`,
    ...(leftOut > 0 && counterexample === undefined
      ? [`${leftOut} faults were left out: raise \`stories\` to try them`]
      : []),
  ]
  if (counterexample === undefined)
    return [...tried, ...missing.map((part) => `  not reached: ${part}`)].join('\n')
  const { invariant, message, script, code, timeline } = counterexample
  const indent = (text: string): string => text.replaceAll(/^/gm, '  ')
  return [
    `broken: ${invariant}`,
    indent(message),
    'as a test:',
    indent(code),
    'what happened:',
    indent(timeline),
    `to replay: explore(chain, invariants, { ...options, seed: ${seed}, script: [${script.map(faultText).join(', ')}] })`,
    ...tried,
  ].join('\n')
}
