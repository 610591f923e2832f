// What an exploration has found, as data and as text.

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

export function codeOf(
  chain: string,
  {
    lines,
    occupied,
    world,
    input,
    steps,
    needs,
  }: {
    readonly lines: readonly string[]
    readonly occupied: boolean
    readonly world: boolean
    readonly input: unknown
    readonly steps: boolean
    readonly needs: boolean
  },
): string {
  const name = chain.replaceAll(/[^a-zA-Z0-9]+(.)?/g, (_, next: string = '') => next.toUpperCase())
  const given = [
    'hold: true',
    ...(occupied ? ['occupied: true'] : []),
    ...(world ? ['app: world'] : []),
    ...(input === undefined ? [] : [`input: ${literal(input)}`]),
    ...(steps ? ['steps'] : []),
    ...(needs ? ['needs'] : []),
  ]
  return [`const t = await harness(${name}, { ${given.join(', ')} })`, ...lines].join('\n')
}

function literal(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  return text !== undefined && text.length < 200 ? text : 'input'
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
