// Validation of a set of chains: every problem in one error, with its path and its cure.

import { CatenaryError } from '../kernel/errors.ts'
import type { AnyChain } from './any-chain.ts'
import { findCycles } from './detect-cycles.ts'
import { isInherited, isName, problemOfId } from './name-form.ts'
import { compensates } from '../definition/compensation.ts'
import { problemsOfKinds } from '../definition/attributes.ts'
import {
  type ChainSpec,
  type EachSpec,
  type EdgeSpec,
  type EntrySpec,
  type StepOptionsSpec,
  walk,
} from '../definition/spec.ts'
import { isTriggerRule, triggerRules } from '../../machines/trigger-rules.ts'

const reservedSteps = new Set([
  'succeeded',
  'failed',
  'cancelled',
  'returning',
  'timer',
  'queue',
  'queued',
  'nothing',
  'done',
  'prototype',
])

/** States of a machine that compensates. */
const sagaSteps = new Set(['compensating', 'ending', 'kept', 'undone'])

/** Every chain that the given ones reach, each once. */
export function collect(given: readonly (ChainSpec | undefined)[]): readonly ChainSpec[] {
  const seen = new Set<ChainSpec>()
  const open: (ChainSpec | undefined)[] = [...given].reverse()
  while (open.length > 0) {
    const spec = open.pop()
    if (spec === undefined || seen.has(spec)) continue
    seen.add(spec)
    for (const edge of [...spec.needs, ...spec.follows]) open.push(edge.chain)
    for (const entry of walk(spec.entries)) {
      if (entry.kind === 'call') open.push(entry.chain)
      if (entry.kind === 'each' && typeof entry.body !== 'function') open.push(entry.body)
    }
  }
  return [...seen]
}

/** Throws one BAD_DEFINITION that lists all that is wrong, `others` included; returns where nothing is. */
export function validateChains(
  given: readonly AnyChain[],
  specs: readonly ChainSpec[],
  others: readonly string[] = [],
): void {
  const problems = [...others]
  for (const [index, chain] of given.entries()) {
    if ((chain as { spec?: unknown } | undefined)?.spec === undefined) {
      problems.push(
        `chains[${index}] is not a chain, a service or a group: make it with chain(id), service(id, ...) or group(id, ...)`,
      )
    }
  }
  const byId = new Map<string, ChainSpec>()
  for (const spec of specs) {
    const other = byId.get(spec.id)
    if (other !== undefined && other !== spec) {
      problems.push(
        `two different chains have the id "${spec.id}": a chain's methods return a new chain, so declare needs on the last one, and keep ids unique`,
      )
    }
    byId.set(spec.id, spec)
    problems.push(...problemsOf(spec))
  }
  problems.push(...sharedProblems(specs))
  const graph = new Map<string, string[]>()
  for (const spec of specs) {
    // chains that share an id are one here, so that a circle through both is told as one
    const needs = graph.get(spec.id) ?? []
    for (const { chain } of [...spec.needs, ...spec.follows]) if (chain !== undefined) needs.push(chain.id)
    graph.set(spec.id, needs)
  }
  for (const cycle of findCycles(graph))
    problems.push(`chains need each other in a circle: ${cycle.join(' -> ')}`)
  if (problems.length === 0) return
  const list = problems.map((problem) => `\n  - ${problem}`).join('')
  throw new CatenaryError(
    'BAD_DEFINITION',
    `${problems.length === 1 ? 'one problem' : `${problems.length} problems`} in the chains:${list}`,
  )
}

function problemsOf(spec: ChainSpec): readonly string[] {
  const problems: string[] = []
  const where = `chain "${spec.id}"`
  const strangeId = problemOfId(spec.id)
  if (strangeId !== undefined) problems.push(`${where}: ${strangeId}`)
  if (!isTriggerRule(spec.rule) && spec.predicate === undefined)
    problems.push(`${where}: "${spec.rule}" is no trigger rule: give one of ${triggerRules.join(', ')}`)
  if (spec.returns !== undefined && typeof spec.returns !== 'function')
    problems.push(`${where} returns no function: give returns(({ steps }) => ...)`)
  const limit = spec.concurrency?.limit
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1))
    problems.push(`${where}: concurrency.limit must be a whole number from 1`)
  const strategy: string | undefined = spec.concurrency?.strategy
  if (strategy !== undefined && strategy !== 'queue' && strategy !== 'newest')
    problems.push(`${where}: concurrency.strategy is 'queue' or 'newest'`)
  problems.push(...problemsOfKinds(spec.attributes ?? {}).map((problem) => `${where}: ${problem}`))
  problems.push(...edgeProblems(where, [...spec.needs, ...spec.follows]))
  const names = new Set<string>()
  const saga = compensates(spec)
  for (const entry of walk(spec.entries)) {
    const { name } = entry
    if (!isName(name))
      problems.push(
        `${where}: "${name}" cannot name a step: a letter, then letters, digits, "-" and "_", at most 100`,
      )
    if (reservedSteps.has(name) || isInherited(name))
      problems.push(`${where}: "${name}" is reserved for the machine: call the step otherwise`)
    if (names.has(name))
      problems.push(
        `${where}: two steps are called "${name}": names are unique in a chain, its branches included`,
      )
    if (saga && sagaSteps.has(name))
      problems.push(
        `${where}: "${name}" is reserved for the machine where steps compensate: call it otherwise`,
      )
    if (entry.kind === 'each' && isOverChain(entry) && entry.options.compensate !== undefined)
      problems.push(
        `${where}: the items of each "${name}" are chains, which undo themselves: give the compensation to a step of chain "${entry.body.id}"`,
      )
    if ('options' in entry && entry.options.memo !== undefined && entry.options.compensate !== undefined)
      problems.push(
        `${where}: "${name}" has both memo and compensate: what one run did once for several cannot be undone for one of them, so leave one out`,
      )
    names.add(name)
    problems.push(...problemsOfParts(entry).map((problem) => `${where}: ${problem}`))
    const called =
      entry.kind === 'call'
        ? entry.chain
        : entry.kind === 'each' && isOverChain(entry)
          ? entry.body
          : undefined
    if (called !== undefined && called.needs.length + called.follows.length + (called.ready?.length ?? 0) > 0)
      problems.push(
        `${where}: "${name}" runs chain "${called.id}", which needs other chains, and a called chain gets none: need it instead, or hand in what it needs as its input`,
      )
    const unguarded = entry.kind === 'each' && isOverChain(entry) ? guardsIn(entry.options) : []
    if (unguarded.length > 0)
      problems.push(
        `${where}: each "${name}" runs a chain for each item, which has attempts of its own: give ${unguarded.join(', ')} to the steps of that chain`,
      )
    if (entry.kind === 'repeat' && (!Number.isInteger(entry.max) || entry.max < 1))
      problems.push(`${where}: max of repeat "${name}" must be a whole number from 1`)
    if (entry.kind === 'repeat' && entry.entries.length === 0)
      problems.push(`${where}: repeat "${name}" repeats nothing`)
    if (entry.kind === 'parallel') {
      if (Object.keys(entry.branches).length === 0)
        problems.push(`${where}: parallel "${name}" has no branches`)
      for (const branch of Object.keys(entry.branches)) {
        if (!isName(branch)) problems.push(`${where}: "${branch}" cannot name a branch of "${name}"`)
      }
    }
    if (entry.kind === 'choose' && entry.cases.length === 0)
      problems.push(`${where}: choose "${name}" has no case`)
  }
  return problems
}

/** What an entry lacks that its kind cannot do without. */
function problemsOfParts(entry: EntrySpec): readonly string[] {
  const { name } = entry
  switch (entry.kind) {
    case 'step':
      return typeof entry.body === 'function' ? [] : [`step "${name}" was given no function`]
    case 'each':
      return [
        ...(typeof entry.items === 'function'
          ? []
          : [
              `the items of each "${name}" are no function: give one that returns them, as ({ input }) => input`,
            ]),
        ...((entry.body as EachSpec['body'] | undefined) === undefined
          ? [`each "${name}" was given neither a function nor a chain for its items`]
          : []),
      ]
    case 'call':
      return (entry.chain as ChainSpec | undefined) === undefined
        ? [`call "${name}" was given no chain: make one with chain(id)`]
        : []
    case 'choose':
      return entry.cases.every(({ when }) => typeof when === 'function')
        ? []
        : [`choose "${name}" has a case without a guard: give when(({ input }) => ..., (b) => b.step(...))`]
    case 'repeat':
      return typeof entry.until === 'function'
        ? []
        : [`repeat "${name}" would never be over: give { until: ({ steps }) => ... }`]
    default:
      return []
  }
}

/** What runs a chain for each item, and not a function. */
function isOverChain(entry: EachSpec): entry is EachSpec & { readonly body: ChainSpec } {
  return typeof entry.body !== 'function' && (entry.body as ChainSpec | undefined) !== undefined
}

function edgeProblems(where: string, edges: readonly EdgeSpec[]): readonly string[] {
  const problems: string[] = []
  const names = new Set<string>()
  for (const { name, chain, service } of edges) {
    if (service !== undefined)
      problems.push(
        `${where}: need "${name}" is the service "${service.id}", ${
          service.restart === 'permanent'
            ? 'which is started again whenever it ends, so that one would wait for ever'
            : 'whose end is no output'
        }: need ready(${service.id})`,
      )
    else if (chain === undefined)
      problems.push(
        `${where}: need "${name}" is not a chain: give a chain made with chain(id), or an edge such as optional(chain)`,
      )
    if (names.has(name)) problems.push(`${where}: two needs are read as "${name}"`)
    names.add(name)
  }
  return problems
}

/** What is shared is told apart by its id alone. */
function sharedProblems(specs: readonly ChainSpec[]): readonly string[] {
  const known = new Map<string, unknown>()
  const problems = new Set<string>()
  for (const spec of specs) {
    for (const entry of walk(spec.entries)) {
      if (!('options' in entry)) continue
      for (const one of [entry.options.limit?.by, entry.options.breaker?.by]) {
        if (one === undefined) continue
        const name = `${one.kind} "${one.id}"`
        if (known.has(name) && known.get(name) !== one)
          problems.add(
            `two different ${one.kind}s have the id "${one.id}": make it once and share it, or keep ids unique`,
          )
        known.set(name, one)
      }
    }
  }
  return [...problems]
}

function guardsIn(options: StepOptionsSpec): readonly string[] {
  const guards = ['limit', 'breaker', 'hedge', 'heartbeat', 'deadline', 'memo'] as const
  return guards.filter((name) => options[name] !== undefined)
}
