// What can be checked of a chain under test: each check says whether it holds, and in a sentence what is so.

import type { EntrySpec } from '../../definition/spec.ts'
import { type Duration, toMs } from '../../kernel/duration.ts'
import { type KnownOptions, refuseUnknownOptions } from '../../kernel/known-options.ts'
import { shown } from '../../kernel/shown.ts'
import { refuse } from '../given.ts'
import type { StepTimeline } from '../../observe/step-timeline.ts'
import { timelineOf } from '../../observe/timeline.ts'
import type { ChainHistory } from './history.ts'
import type { Harness } from './harness.ts'
import { placeOf } from './place.ts'

/** What is expected of a step; what is left out may be anything. */
export interface Ran {
  /** Attempts that started, over all items, rounds and calls of its chain, those included that were lost; the fallback is none. */
  readonly attempts?: number
  /** `running` where it has not ended; of several calls of its chain `failed` where it has in one. */
  readonly outcome?: 'succeeded' | 'failed' | 'running'
  /** Attempts that were lost with their process. */
  readonly lost?: number
  /** Whether a fallback stepped in. */
  readonly fallback?: boolean
}

/** How long something waited; a duration alone is meant exactly. */
export type Waited = Duration | { readonly atLeast?: Duration; readonly atMost?: Duration }

export interface Check {
  readonly holds: boolean
  /** What is so, such as `fetch has run: attempts 2, succeeded`. */
  readonly is: string
  /** What was expected, such as `in state fetch.running`. */
  readonly wanted: string
}

/** Whether the chain's machine is in a state: by its path, or by the end of that. */
export function checkIn(t: Harness, state: string): Check {
  refuseNoHarness(t)
  if (typeof state !== 'string')
    refuse([`a state is ${shown(state)}: give its path, such as 'fetch.running'`])
  const { states } = t
  return {
    holds: states.some((path) => endsWith(path, state)),
    is: `the machine of ${t.chain.id} is in ${states.join(', ') || 'no state'}`,
    wanted: `in ${state}`,
  }
}

/** Whether a step has run, and how. */
export function checkRun(t: Harness, name: string, expected: Ran = {}): Check {
  refuseNoHarness(t)
  refuseUnknownOptions(expected, known, 'what is expected of a step')
  const { step, isIn } = placeOf(t, name)
  const chains = [...(timelineOf(t.events())?.chains.values() ?? [])]
  const ran = ranOf(
    chains.flatMap(({ node, steps }) => {
      const one = isIn(node.key, node.chain) ? steps.get(step) : undefined
      return one === undefined ? [] : [one]
    }),
  )
  const entries = Object.entries(expected) as [keyof Ran, unknown][]
  return {
    holds: ran !== undefined && entries.every(([key, value]) => value === undefined || ran[key] === value),
    is: ran === undefined ? `${name} has not run` : `${name} has run: ${inWords(ran)}`,
    wanted: `${name} has run${entries.length > 0 ? `: ${inWords(expected)}` : ''}`,
  }
}

/** Whether a step has waited so long in all: for slots, between its attempts, for its signal, or as it slept. */
export function checkWaited(t: Harness, name: string, expected: Waited): Check {
  refuseNoHarness(t)
  if (typeof expected === 'object') refuseUnknownOptions(expected, knownOfWaits, 'what is expected of a wait')
  else toMs(expected, 'what it waited')
  const { step, kind, isIn } = placeOf(t, name)
  const of = [...t.history().chains].filter(([key, { chain }]) => isIn(key, chain))
  const ms = of.reduce((before, [, one]) => before + waitedFor(one, step, kind), 0)
  const { atLeast, atMost } =
    typeof expected === 'object' ? expected : { atLeast: expected, atMost: expected }
  const least = atLeast === undefined ? 0 : toMs(atLeast, 'what it waited')
  const most = atMost === undefined ? Infinity : toMs(atMost, 'what it waited')
  const exact = least === most
  return {
    holds: ms >= least && ms <= most,
    is: `${name} has waited for ${ms} ms`,
    wanted: exact ? `${name} has waited for ${least} ms` : `${name} has waited for ${least} to ${most} ms`,
  }
}

const known: KnownOptions<Ran> = { attempts: true, outcome: true, lost: true, fallback: true }
const knownOfWaits = { atLeast: true, atMost: true } as const

function refuseNoHarness(given: unknown): void {
  if (typeof (given as Partial<Harness> | undefined)?.history !== 'function')
    refuse(['what was given is no harness: give what `await harness(chain)` resolves with'])
}

/** All that ran of a step, in whatever call of its chain; undefined where nothing did. */
function ranOf(all: readonly StepTimeline[]): Required<Ran> | undefined {
  if (all.length === 0) return undefined
  const sum = (of: 'attempts' | 'lost'): number => all.reduce((before, one) => before + one[of], 0)
  const outcomes = all.map(({ outcome }) => outcome ?? 'running')
  return {
    attempts: sum('attempts'),
    outcome: (['running', 'failed'] as const).find((one) => outcomes.includes(one)) ?? 'succeeded',
    lost: sum('lost'),
    fallback: all.some(({ fallback }) => fallback),
  }
}

function inWords({ attempts, outcome, lost, fallback }: Ran): string {
  return [
    ...(attempts === undefined ? [] : [`attempts ${attempts}`]),
    ...(outcome === undefined ? [] : [outcome]),
    ...(lost === undefined || lost === 0 ? [] : [`lost ${lost}`]),
    ...(fallback === undefined ? [] : [fallback ? 'by its fallback' : 'without a fallback']),
  ].join(', ')
}

const waitingStates = ['backing-off', 'sleeping', 'waiting', 'calling']

function waitedFor(
  { dwelt, queued }: ChainHistory,
  step: string,
  kind: EntrySpec['kind'] | undefined,
): number {
  const undone = /^(.+):compensation$/.exec(step)?.[1]
  const at = undone === undefined ? step : `undo-${undone}`
  const names = [...waitingStates.map((state) => `${at}.${state}`), ...(kind === 'wait' ? [step] : [])]
  let ms = queued.get(step) ?? 0
  const states = [...dwelt].filter(([path]) => names.some((name) => endsWith(path, name)))
  // a wait with a timeout is within a state of its own name
  for (const [path, time] of states) if (!states.some(([other]) => other.startsWith(`${path}.`))) ms += time
  return ms
}

function endsWith(path: string, end: string): boolean {
  return path === end || path.endsWith(`.${end}`)
}
