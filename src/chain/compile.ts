// Compiles a chain to the one XState machine that all its runs share, with the effects that the machine invokes.

import { type AnyStateMachine, createMachine } from 'xstate'
import type { Sequence } from '../../machines/branching.ts'
import { chainActions, chainGuards } from '../../machines/chain-rules.ts'
import type { ChainContext, State } from '../../machines/state.ts'
import { type EffectLogic, type EffectSpec, effectLogic } from '../execution/effect.ts'
import { durableMachine } from '../execution/guest-actors.ts'
import { createSoloHost } from '../execution/solo.ts'
import type { Failure } from '../kernel/failure.ts'
import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import { undoables } from '../definition/compensation.ts'
import type { ChainSpec } from '../definition/spec.ts'
import { compensated, compensationEffects, sagaStates } from './compile-saga.ts'
import { compileSequence } from './compile-entry.ts'
import { guestAlone } from './compile-guest.ts'
import { fitOutput } from './decisions.ts'
import { structureHash } from './definition.ts'

interface CancelArgs {
  readonly context: ChainContext
  readonly event: { readonly failure?: unknown }
}

const compiled = new WeakMap<ChainSpec, CompiledChain>()

/** The machine of a chain; made once, then shared. */
export function compile(spec: ChainSpec): CompiledChain {
  let chain = compiled.get(spec)
  if (chain === undefined) {
    chain = compileNow(spec)
    compiled.set(spec, chain)
  }
  return chain
}

/** The machine of a called chain, for a caller that runs without a supervisor. */
function aloneMachine(callee: ChainSpec): AnyStateMachine {
  const { machine } = compile(callee)
  return callee.guest === undefined ? machine : guestAlone(callee.id, callee.guest, machine)
}

function compileNow(spec: ChainSpec): CompiledChain {
  if (spec.guest !== undefined) {
    const { machine, volatile } = spec.guest
    return {
      spec,
      machine: durableMachine(machine, volatile),
      version: structureHash(spec),
      attempts: new Map(),
    }
  }
  const root = `#${spec.id}`
  const effects: EffectSpec[] = []
  const returns = spec.returns
  const concluding = returns !== undefined || spec.output !== undefined
  const saga = undoables(spec)
  const ended = saga.length > 0 ? `${root}.ending` : `${root}.succeeded`
  const fail = saga.length > 0 ? `${root}.compensating` : `${root}.failed`
  const sequence = compileSequence(spec.entries, {
    effects,
    machineOf: aloneMachine,
    place: {
      path: root,
      sequence: root,
      next: concluding ? `${root}.returning` : ended,
      fail,
      rounds: [],
    },
  })
  const outputOf = lastOutput(sequence)
  if (concluding) {
    effects.push({
      kind: 'decision',
      id: 'returning',
      decide: ({ context }) => fitOutput(spec, returns === undefined ? outputOf(context) : returns(context)),
    })
  }
  if (saga.length > 0) effects.push(...compensationEffects(saga, outputOf, concluding))
  const actors: Record<string, EffectLogic> = {
    timer: effectLogic({ kind: 'timer' }, createSoloHost),
    queue: effectLogic({ kind: 'queue' }, createSoloHost),
  }
  for (const effect of effects) if ('id' in effect) actors[effect.id] = effectLogic(effect, createSoloHost)
  const config = {
    id: spec.id,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    context: ({ input }: { input: ChainInput | undefined }) => ({
      ...initialContext(input),
      ...(saga.length > 0 && input?.called === true ? { called: true } : {}),
    }),
    initial: sequence.initial ?? (concluding ? 'returning' : 'succeeded'),
    on: {
      cancel:
        saga.length > 0 ? { target: fail, actions: { type: 'keepCut' } } : { target: `${root}.cancelled` },
    },
    states: {
      ...sequence.states,
      ...(concluding ? { returning: returningState({ next: ended, fail }) } : {}),
      ...(saga.length > 0 ? sagaStates(root, saga) : {}),
      succeeded: {
        type: 'final',
        output: ({ context }) => ({
          status: 'succeeded',
          output: concluding ? context.output : outputOf(context),
        }),
      },
      failed: { type: 'final', output: ({ context }) => failed(context) },
      cancelled: { type: 'final', output: cancelled },
    } satisfies Record<string, State>,
    output: ({ event }: { event: { output: ChainOutcome } }) => event.output,
    options: { maxIterations: 10_000 },
  }
  const machine = createMachine(config as never, {
    actors,
    actions: chainActions as never,
    guards: chainGuards as never,
  }) as AnyStateMachine
  return {
    spec,
    machine,
    version: structureHash(spec),
    attempts: attemptsOf(effects),
    ...(saga.length === 0 ? {} : { undoable: new Map(saga.map((one) => [one.name, one])) }),
  }
}

function attemptsOf(effects: readonly EffectSpec[]): CompiledChain['attempts'] {
  return new Map(effects.flatMap((effect) => (effect.kind === 'attempt' ? [[effect.id, effect]] : [])))
}

function returningState({ next, fail }: { readonly next: string; readonly fail: string }): State {
  return {
    invoke: {
      id: 'returning',
      src: 'returning',
      onDone: { target: next, actions: { type: 'keepResult' } },
      onError: { target: fail, actions: { type: 'keepFailure', params: { step: 'returning' } } },
    },
  }
}

function initialContext(given: ChainInput | undefined): ChainContext {
  return {
    input: given?.input,
    needs: given?.needs ?? {},
    steps: {},
    tries: {},
    lost: {},
    due: {},
    rounds: {},
    failures: {},
    held: {},
    broken: {},
    failedStep: null,
    output: undefined,
  }
}

function lastOutput({ last }: Pick<Sequence, 'last'>): (context: ChainContext) => unknown {
  return (context) => (last === null ? undefined : context.steps[last])
}

function failed(context: ChainContext): ChainOutcome {
  const step = context.failedStep ?? ''
  return { status: 'failed', step, failure: context.failures[step] as Failure, ...compensated(context) }
}

/** A chain that is cancelled for a reason that is a failure has failed, as by its deadline. */
function cancelled({ context, event: { failure } }: CancelArgs): ChainOutcome {
  if (failure !== undefined) return { status: 'failed', step: '', failure: failure as Failure }
  return { status: 'cancelled', ...compensated(context) }
}
