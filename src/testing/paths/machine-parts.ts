// The states and transitions of a chain's machine that something can come to, each with words for people.

import type { AnyStateNode, AnyTransitionDefinition } from 'xstate'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { type ChainSpec, walk } from '../../definition/spec.ts'
import { pathOf, transitionId } from './visited.ts'

export interface TransitionPart {
  /** Holds in every process, for one version of the chain. */
  readonly id: string
  /** Where it leaves: a state's path; empty for the whole machine. */
  readonly from: string
  /** Where it goes; where it leaves, if it stays. */
  readonly to: string
  /** What it waits for, such as `done`, `failed`, `lost`, `due`, `retry`. */
  readonly on: string
  /** Whether it is part of dealing with what goes wrong. */
  readonly recovery: boolean
  /** The step, or other entry of the chain, in whose states it leaves, or whose attempt it is about; empty for none. */
  readonly step: string
}

export interface MachineParts {
  readonly states: readonly string[]
  readonly transitions: readonly TransitionPart[]
}

export function partsOf({ machine, spec }: Pick<CompiledChain, 'machine' | 'spec'>): MachineParts {
  const nodes = nodesBelow(machine.root)
  const impossible = decisionsThatCannotFail(spec)
  const sure = stepsWithFallback(spec)
  const names = new Set([...walk(spec.entries)].map(({ name }) => name))
  const transitions = [machine.root, ...nodes].flatMap((node) =>
    [...node.transitions.values(), node.always ?? []].flatMap((list) =>
      list.flatMap((one) => {
        if (forbids(one) || impossible.has(one.eventType) || isElseOfFallback(one, sure)) return []
        return [partOf(one, names)]
      }),
    ),
  )
  return { states: nodes.map(pathOf), transitions }
}

/** How a transition reads: `fetch.running --failed--> fetch.recovering`. */
export function label({ from, on, to }: Pick<TransitionPart, 'from' | 'on' | 'to'>): string {
  return `${from === '' ? 'any state' : from} --${on}--> ${to}`
}

function partOf(one: AnyTransitionDefinition, names: ReadonlySet<string>): TransitionPart {
  const from = pathOf(one.source)
  const last = one.source.key
  const recovery =
    one.eventType.startsWith('xstate.error.') ||
    one.eventType === 'attempt.lost' ||
    ['recovering', 'backing-off', 'falling-back', 'settling', 'stuck'].includes(last) ||
    /^compensating\b/.test(from) ||
    one.eventType.endsWith(':timeout')
  return {
    id: transitionId(one),
    from,
    to: one.target?.map((node) => pathOf(node)).join(', ') ?? from,
    on: wordOf(one),
    recovery,
    step: one.source.path.findLast((part) => names.has(part)) ?? stepNamed(one) ?? '',
  }
}

/** The step that its guard asks for, as where attempts wait for slots. */
function stepNamed({ guard }: AnyTransitionDefinition): string | undefined {
  const { params } = (guard ?? {}) as { readonly params?: { readonly step?: string } }
  return params?.step
}

/** What a transition waits for, in a word. */
export function wordOf({ eventType, guard, source }: AnyTransitionDefinition): string {
  const { type, params = {} } = (guard ?? {}) as {
    readonly type?: string
    readonly params?: Readonly<Record<string, unknown>>
  }
  if (type === 'recovers') return String(params['next'])
  if (type === 'decided') return String(params['value'])
  if (type === 'chose') return `branch ${Number(params['branch']) + 1}`
  if (type === 'broke') return 'a branch failed'
  if (type === 'isCalled') return 'it was called'
  if (type === 'undoes') return `undo ${String(params['step'])}`
  if (type === 'endsAs') return [...(eventType === '' ? [] : [eventType]), String(params['end'])].join(', ')
  if (type === 'isStep' && !source.path.includes(String(params['step'])))
    return `${eventType.replace(/^attempt\./, '')} ${String(params['step'])}`
  const [, kind, id = ''] = /^xstate\.(done|error)\.(?:actor|state)\.(.+)$/.exec(eventType) ?? []
  if (kind === 'error') return 'failed'
  const siblings = source.transitions.get(eventType) ?? []
  if (kind === 'done' && siblings.length > 1) return 'else'
  if (kind === 'done')
    return source.invoke.some((one) => one.id === id && one.src === 'timer') ? 'due' : 'done'
  return eventType === '' ? 'else' : eventType.replace(/^attempt\./, '')
}

function nodesBelow(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states).flatMap((inner) => [inner, ...nodesBelow(inner)])
}

/** It says that an event is not heeded. */
function forbids({ target, actions }: AnyTransitionDefinition): boolean {
  return (target ?? []).length === 0 && actions.length === 0
}

/** Decisions without anything of the author's in them: their failures are transitions that nothing can take. */
function decisionsThatCannotFail({ entries }: ChainSpec): ReadonlySet<string> {
  const ids = [...walk(entries)].flatMap((entry): readonly string[] => {
    const { name } = entry
    if (entry.kind === 'wait') return [`${name}:due`]
    if (entry.kind === 'sleep') return typeof entry.until === 'number' ? [`${name}:due`] : []
    if (entry.kind !== 'step') return []
    return entry.options.retryWhen === undefined
      ? [`${name}:deadline`, `${name}:recovery`]
      : [`${name}:deadline`]
  })
  return new Set(ids.map((id) => `xstate.error.actor.${id}`))
}

function stepsWithFallback({ entries }: ChainSpec): ReadonlySet<string> {
  return new Set(
    [...walk(entries)].flatMap((entry) =>
      entry.kind === 'step' && entry.options.fallback !== undefined
        ? [`xstate.done.actor.${entry.name}:recovery`]
        : [],
    ),
  )
}

/** What has a fallback never just fails. */
function isElseOfFallback({ eventType, guard }: AnyTransitionDefinition, sure: ReadonlySet<string>): boolean {
  return guard === undefined && sure.has(eventType)
}
