// JSON patches as in RFC 6902, applied in place, with their exact inverse; pointers are RFC 6901's.

import { isDeepStrictEqual } from 'node:util'
import { CatenaryError } from '../kernel/errors.ts'
import type { JsonPatch } from './suggestion.ts'

/** Any operation of the RFC. */
export type JsonOperation =
  | JsonPatch
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }

type Container = Record<string, unknown> | unknown[]

/** Where a pointer leads: the last name of it, in what it is of. */
interface Target {
  readonly of: Container
  readonly name: string
}

/**
 * Applies it to a document, in place: all of it, or, where an operation does not fit or a `test` fails, it throws and
 * the document is as far as that operation; give it a draft or a copy.
 *
 * @returns the patch that takes it back: exactly what was there, tested first against what it would change.
 * @throws CatenaryError PATCH_REFUSED
 */
export function applyJsonPatch(document: object, patch: readonly JsonOperation[]): readonly JsonPatch[] {
  const inverse: JsonPatch[][] = []
  for (const [place, operation] of patch.entries()) {
    try {
      inverse.unshift(applyOne(document as Container, operation))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      throw new CatenaryError(
        'PATCH_REFUSED',
        `operation ${place + 1} (${operation.op} ${operation.path}) does not fit: ${error.message}`,
      )
    }
  }
  return inverse.flat()
}

class Refused extends Error {}

function applyOne(document: Container, operation: JsonOperation): JsonPatch[] {
  const { path } = operation
  switch (operation.op) {
    case 'test': {
      const found = read(document, path)
      if (isDeepStrictEqual(plain(found), plain(operation.value))) return []
      throw new Refused(`it is ${JSON.stringify(found)}, not ${JSON.stringify(operation.value)}`)
    }
    case 'add':
      return add(document, path, operation.value)
    case 'remove':
      return remove(document, path)
    case 'replace': {
      const { of, name } = existing(document, path)
      const before = copyOf(get(of, name))
      set(of, name, operation.value)
      return [test(path, operation.value), { op: 'replace', path, value: before }]
    }
    case 'copy':
      return add(document, path, read(document, operation.from))
    case 'move': {
      if (path === operation.from) return []
      if (path.startsWith(`${operation.from}/`)) throw new Refused('nothing can be moved into itself')
      const value = copyOf(read(document, operation.from))
      const back = remove(document, operation.from)
      return [...add(document, path, value), ...back]
    }
  }
}

function add(document: Container, path: string, given: unknown): JsonPatch[] {
  const { of, name } = target(document, path)
  const value = copyOf(given)
  if (!Array.isArray(of)) {
    const had = Object.hasOwn(of, name)
    const before = had ? copyOf(of[name]) : undefined
    of[name] = value
    return [test(path, value), had ? { op: 'replace', path, value: before } : { op: 'remove', path }]
  }
  const index = name === '-' ? of.length : indexOf(name, of.length)
  of.splice(index, 0, value)
  const at = name === '-' ? `${path.slice(0, -1)}${index}` : path
  return [test(at, value), { op: 'remove', path: at }]
}

function remove(document: Container, path: string): JsonPatch[] {
  const { of, name } = existing(document, path)
  const value = copyOf(get(of, name))
  if (Array.isArray(of)) of.splice(Number(name), 1)
  else delete of[name]
  return [{ op: 'add', path, value }]
}

function read(document: Container, path: string): unknown {
  if (path === '') return document
  const { of, name } = existing(document, path)
  return get(of, name)
}

function existing(document: Container, path: string): Target {
  const found = target(document, path)
  const { of, name } = found
  const is = Array.isArray(of) ? indexOf(name, of.length - 1) >= 0 : Object.hasOwn(of, name)
  if (!is) throw new Refused('there is no such place')
  return found
}

function target(document: Container, path: string): Target {
  const names = namesOf(path)
  const name = names.pop()
  if (name === undefined) throw new Refused('the whole document cannot be replaced: name a place in it')
  let of: unknown = document
  for (const one of names) {
    if (!isContainer(of)) break
    const is = Array.isArray(of) ? indexOf(one, of.length - 1) >= 0 : Object.hasOwn(of, one)
    of = is ? get(of, one) : undefined
  }
  if (!isContainer(of)) throw new Refused('there is nothing there to hold it')
  return { of, name }
}

/** The names of a pointer; `~1` is a slash and `~0` a tilde. */
function namesOf(pointer: string): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer))
    throw new Refused('that is no JSON pointer: it begins with a slash, and ~ is written ~0, / in a name ~1')
  const names = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (names.includes('__proto__')) throw new Refused('__proto__ is no name')
  return names
}

/**
 * The pointer to a place.
 *
 * @example
 * ```ts
 * console.log(pointerTo('steps', 'pay/charge', 'timeout')) // /steps/pay~1charge/timeout
 * ```
 */
export function pointerTo(...names: readonly (string | number)[]): string {
  return names.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function get(of: Container, name: string): unknown {
  return Array.isArray(of) ? of[Number(name)] : of[name]
}

function set(of: Container, name: string, value: unknown): void {
  if (Array.isArray(of)) of[Number(name)] = copyOf(value)
  else of[name] = copyOf(value)
}

function indexOf(name: string, most: number): number {
  const index = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : NaN
  if (index <= most) return index
  throw new Refused(`"${name}" is no place in that list`)
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

function test(path: string, value: unknown): JsonPatch {
  return { op: 'test', path, value: copyOf(value) }
}

/** What it is now: not what a draft of it may become, nor what its giver may make of it. */
function copyOf<T>(value: T): T {
  return value === undefined ? value : plain(value)
}

function plain<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}
