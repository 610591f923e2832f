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
import type { ChainSpec } from '../definition/spec.ts'
import { compileSequence } from './compile-entry.ts'
import { guestAlone } from './compile-guest.ts'
import { fitOutput } from './decisions.ts'
import { structureHash } from './definition.ts'

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
  const ended = `${root}.succeeded`
  const sequence = compileSequence(spec.entries, {
    effects,
    machineOf: aloneMachine,
    place: {
      path: root,
      sequence: root,
      next: concluding ? `${root}.returning` : ended,
      fail: `${root}.failed`,
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
  const actors: Record<string, EffectLogic> = {
    timer: effectLogic({ kind: 'timer' }, createSoloHost),
    queue: effectLogic({ kind: 'queue' }, createSoloHost),
  }
  for (const effect of effects) if ('id' in effect) actors[effect.id] = effectLogic(effect, createSoloHost)
  const config = {
    id: spec.id,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    context: ({ input }: { input: ChainInput | undefined }) => initialContext(input),
    initial: sequence.initial ?? (concluding ? 'returning' : 'succeeded'),
    on: { cancel: { target: `${root}.cancelled` } },
    states: {
      ...sequence.states,
      ...(concluding ? { returning: returningState(root) } : {}),
      succeeded: {
        type: 'final',
        output: ({ context }) => ({
          status: 'succeeded',
          output: concluding ? context.output : outputOf(context),
        }),
      },
      failed: { type: 'final', output: ({ context }) => failed(context) },
      cancelled: { type: 'final', output: () => ({ status: 'cancelled' }) },
    } satisfies Record<string, State>,
    output: ({ event }: { event: { output: ChainOutcome } }) => event.output,
    options: { maxIterations: 10_000 },
  }
  const machine = createMachine(config as never, {
    actors,
    actions: chainActions as never,
    guards: chainGuards as never,
  }) as AnyStateMachine
  return { spec, machine, version: structureHash(spec), attempts: attemptsOf(effects) }
}

function attemptsOf(effects: readonly EffectSpec[]): CompiledChain['attempts'] {
  return new Map(effects.flatMap((effect) => (effect.kind === 'attempt' ? [[effect.id, effect]] : [])))
}

function returningState(root: string): State {
  return {
    invoke: {
      id: 'returning',
      src: 'returning',
      onDone: { target: `${root}.succeeded`, actions: { type: 'keepResult' } },
      onError: { target: `${root}.failed`, actions: { type: 'keepFailure', params: { step: 'returning' } } },
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
  return { status: 'failed', step, failure: context.failures[step] as Failure }
}
