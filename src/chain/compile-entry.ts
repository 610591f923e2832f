// Compiles the entries of a sequence, each to its statechart fragment and the effects that it invokes.

import type { AnyStateMachine } from 'xstate'
import { type Sequence, chooseState, parallelState } from '../../machines/branching.ts'
import type { Place, State } from '../../machines/state.ts'
import { type StepShape, queuedState, stepState } from '../../machines/step.ts'
import {
  callState,
  eachState,
  failState,
  repeatState,
  sleepState,
  waitState,
} from '../../machines/waiting.ts'
import type { EffectSpec } from '../execution/effect.ts'
import { recover } from '../execution/recovery.ts'
import { chooseBranch, expandItems, settlingSteps, untilVerdict, wakeTime } from './decisions.ts'
import type { ChainSpec, EachSpec, EntrySpec, StepOptionsSpec, StepSpec } from '../definition/spec.ts'
import { walk } from '../definition/spec.ts'

/** Where compiled effects are collected, and where the sequence stands. */
export interface Compilation {
  readonly place: Place
  readonly effects: EffectSpec[]
  readonly machineOf: (callee: ChainSpec) => AnyStateMachine
}

/** A sequence of entries, each going on to the next, the last to `place.next`; `initial` is null when empty. */
export function compileSequence(
  entries: readonly EntrySpec[],
  { place, effects, machineOf }: Compilation,
): Omit<Sequence, 'initial'> & { readonly initial: string | null } {
  const sequence = place.path
  const states: Record<string, State> = {}
  for (const [index, entry] of entries.entries()) {
    const following = entries[index + 1]
    const next = following === undefined ? place.next : `${sequence}.${following.name}`
    states[entry.name] = compileEntry(entry, {
      effects,
      machineOf,
      place: { ...place, path: `${sequence}.${entry.name}`, sequence, next },
    })
  }
  const steps = entries.flatMap((entry) => (entry.kind === 'step' ? [shapeOf(entry)] : []))
  if (steps.length > 0) states['queued'] = queuedState(steps, sequence)
  return { initial: entries[0]?.name ?? null, states, last: entries.at(-1)?.name ?? null }
}

function compileEntry(entry: EntrySpec, compilation: Compilation): State {
  const { place, effects, machineOf } = compilation
  const { name } = entry
  const decision = (part: string, decide: Extract<EffectSpec, { kind: 'decision' }>['decide']): void =>
    void effects.push({ kind: 'decision', id: `${name}:${part}`, decide })
  const inner = (entries: readonly EntrySpec[], at: Place): Sequence => {
    const sequence = compileSequence(entries, { ...compilation, place: at })
    if (sequence.initial !== null) return { ...sequence, initial: sequence.initial }
    return { initial: 'nothing', states: { nothing: { always: { target: at.next } } }, last: null }
  }
  switch (entry.kind) {
    case 'step':
      return compileStep(entry, compilation)
    case 'parallel': {
      if (entry.onFailure === 'cancel')
        effects.push({ kind: 'settling', id: `${name}:settling`, steps: settlingSteps(entry) })
      const branch = (key: string, at: Place): Sequence => inner(entry.branches[key] ?? [], at)
      return parallelState(entry, place, branch, Object.keys(entry.branches))
    }
    case 'choose': {
      decision('choice', ({ context }) => chooseBranch(entry, context))
      const branches = [...entry.cases.map((one) => one.entries), entry.otherwise]
      return chooseState(entry, place, (index, at) => inner(branches[index] ?? [], at), branches.length)
    }
    case 'each':
      decision('items', ({ context }) => expandItems(entry, context))
      effects.push({ kind: 'each', id: name, each: entry, ...machineOfItems(entry, machineOf) })
      return eachState(entry, place)
    case 'wait': {
      const { reply } = entry
      effects.push({
        kind: 'signal',
        id: name,
        wait: entry,
        ...(reply === undefined
          ? {}
          : { reply: ({ input, needs, steps }, signal) => reply({ input, needs, steps, signal }) }),
      })
      if (entry.timeout !== undefined) {
        const limit = entry.timeout
        decision('due', ({ clock }) => clock.now() + limit)
      }
      return waitState({ name, timeout: entry.timeout !== undefined, onTimeout: entry.onTimeout }, place)
    }
    case 'sleep':
      decision('due', ({ context, clock }) => wakeTime(entry, context, clock.now()))
      return sleepState(entry, place)
    case 'call':
      decision('input', ({ context }) => entry.input(context))
      effects.push({ kind: 'call', id: name, call: entry, machine: () => machineOf(entry.chain) })
      return callState(entry, place)
    case 'repeat': {
      decision('until', ({ context }) => untilVerdict(entry, context))
      const inside = [...walk(entry.entries)].flatMap((one) => [one.name, `${one.name}:fallback`])
      return repeatState({ name, max: entry.max, inside }, place, (at) => inner(entry.entries, at))
    }
    case 'fail':
      decision('reason', ({ context }) => entry.reason(context))
      return failState(entry, place)
  }
}

function machineOfItems(
  { body }: EachSpec,
  machineOf: Compilation['machineOf'],
): { readonly machine?: () => AnyStateMachine } {
  return typeof body === 'function' ? {} : { machine: () => machineOf(body) }
}

function compileStep(step: StepSpec, { place, effects }: Compilation): State {
  const { name, body, options, transact } = step
  effects.push({
    kind: 'attempt',
    id: name,
    body,
    options,
    substitute: false,
    ...(transact === undefined ? {} : { transact }),
  })
  if (options.attempts > 1 || options.fallback !== undefined) {
    effects.push({
      kind: 'decision',
      id: `${name}:recovery`,
      decide: ({ context, clock, tune }) => recover(name, tune?.(name, options) ?? options, context, clock),
    })
  }
  if (options.deadline !== undefined) {
    const limit = options.deadline
    effects.push({ kind: 'decision', id: `${name}:deadline`, decide: ({ clock }) => clock.now() + limit })
  }
  if (options.fallback !== undefined) {
    effects.push({
      kind: 'attempt',
      id: `${name}:fallback`,
      body: options.fallback,
      options: ofSubstitute(options),
      substitute: true,
    })
  }
  return stepState(shapeOf(step), place)
}

/** A substitute is called once, at once, and has the time of an attempt; nothing else watches over it. */
function ofSubstitute({ output, timeout, ...options }: StepOptionsSpec): StepOptionsSpec {
  const { attempts, backoff, idempotent, pure, stub, reads, writes, uses } = options
  const rest = { attempts, backoff, idempotent, pure, stub, reads, writes, uses }
  const time = timeout === undefined ? {} : { timeout }
  return output === undefined ? { ...rest, ...time } : { ...rest, ...time, output }
}

function shapeOf({ name, options: { attempts, fallback, deadline, description } }: StepSpec): StepShape {
  return {
    name,
    attempts,
    fallback: fallback !== undefined,
    deadline: deadline !== undefined,
    ...(description === undefined ? {} : { description }),
  }
}
