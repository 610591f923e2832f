// What of a chain can be undone: its steps with a compensation, and the chains that it calls.

import { type ChainSpec, type CompensationSpec, type EntrySpec, walk } from './spec.ts'

/** An entry whose work can be undone. */
export interface Undoable {
  readonly name: string
  /** Absent for a chain that is called: it undoes itself. */
  readonly compensation?: CompensationSpec
  /** An item is handed to the function before its context. */
  readonly items: boolean
}

const known = new WeakMap<ChainSpec, readonly Undoable[]>()

/** In the order of the definition; empty for a chain that just ends when it fails. */
export function undoables(spec: ChainSpec): readonly Undoable[] {
  let found = known.get(spec)
  if (found === undefined) {
    found = [...walk(spec.entries)].flatMap(ofEntry)
    known.set(spec, found)
  }
  return found
}

/** Whether anything in a chain, or in one that it calls, can be undone. */
export function compensates(spec: ChainSpec): boolean {
  return undoables(spec).length > 0
}

function ofEntry(entry: EntrySpec): readonly Undoable[] {
  const { name } = entry
  switch (entry.kind) {
    case 'step':
    case 'each': {
      const { compensate } = entry.options
      if (compensate !== undefined) return [{ name, compensation: compensate, items: entry.kind === 'each' }]
      if (entry.kind === 'step' || typeof entry.body === 'function') return []
      // an entry without a body or a chain is told by the validation
      return (entry.body as ChainSpec | undefined) !== undefined && compensates(entry.body)
        ? [{ name, items: true }]
        : []
    }
    case 'call':
      return (entry.chain as ChainSpec | undefined) !== undefined && compensates(entry.chain)
        ? [{ name, items: false }]
        : []
    default:
      return []
  }
}
