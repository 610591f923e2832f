// A chain as JSON: what tools draw and compare, and the structure hash that a run is pinned to.

import { hash } from '../kernel/codec.ts'
import { compensates } from '../definition/compensation.ts'
import { type ChainSpec, type EntrySpec, nested } from '../definition/spec.ts'
import type { EntryDefinition, MachineStructure } from '../definition/structure.ts'
import { structureOf } from './guest-structure.ts'

export type { EntryDefinition }

/** A chain's structure as plain JSON; function bodies do not show in it. */
export interface ChainDefinition {
  readonly id: string
  readonly version: string
  readonly needs: readonly { readonly name: string; readonly chain: string; readonly kind: string }[]
  readonly follows: readonly { readonly name: string; readonly chain: string; readonly kind: string }[]
  readonly when: string
  readonly entries: readonly EntryDefinition[]
  /** The states of a user's own machine. */
  readonly machine?: MachineStructure
}

/** @returns the chain's structure as plain JSON. */
export function define(spec: ChainSpec): ChainDefinition {
  const edges = (list: ChainSpec['needs']) =>
    list.map(({ name, chain, kind }) => ({ name, chain: chain.id, kind }))
  return {
    id: spec.id,
    version: spec.version,
    needs: [
      ...edges(spec.needs),
      ...(spec.ready ?? []).map(({ id }) => ({ name: id, chain: id, kind: 'ready' })),
    ],
    follows: edges(spec.follows),
    when: spec.rule,
    entries: spec.entries.map(defineEntry),
    ...(spec.guest === undefined ? {} : { machine: structureOf(spec.guest.machine) }),
  }
}

/** Changes whenever a recorded run might no longer fit: states, edges or the author's `version`. */
export function structureHash(spec: ChainSpec): string {
  return hash(JSON.stringify(define(spec)) + (spec.returns === undefined ? '' : 'returns')).slice(0, 12)
}

function defineEntry(entry: EntrySpec): EntryDefinition {
  const branches = nested(entry).map((entries) => entries.map(defineEntry))
  const options = optionsOf(entry)
  return {
    kind: entry.kind,
    name: entry.name,
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(branches.length === 0 ? {} : { branches }),
  }
}

function optionsOf(entry: EntrySpec): Record<string, unknown> {
  switch (entry.kind) {
    case 'step':
      // attempts count only as "one or more": the number is policy, the states are structure
      return {
        ...(entry.options.attempts > 1 ? { retries: true } : {}),
        ...(entry.options.fallback === undefined ? {} : { fallback: true }),
        ...undone(entry.options.compensate !== undefined),
        ...(entry.options.deadline === undefined ? {} : { deadline: true }),
        ...(entry.transact === undefined ? {} : { transact: true }),
      }
    case 'parallel':
      return { onFailure: entry.onFailure, names: Object.keys(entry.branches) }
    case 'wait':
      return entry.timeout === undefined ? {} : { timeout: true, onTimeout: entry.onTimeout }
    case 'call':
      return { chain: entry.chain.id, ...undone(compensates(entry.chain)) }
    case 'each':
      return typeof entry.body === 'function'
        ? undone(entry.options.compensate !== undefined)
        : { chain: entry.body.id, ...undone(compensates(entry.body)) }
    default:
      return {}
  }
}

/** Chains without compensations keep the hash that they had before there were any. */
function undone(can: boolean): Record<string, unknown> {
  return can ? { compensates: true } : {}
}
