// The codec's exact walk: tags what JSON cannot carry and refuses, with its path, what nothing can.

import { CatenaryError } from './errors.ts'
import { isEscapedKey } from './json-shape.ts'
import { tagBuiltIn } from './tag-built-in.ts'
import { blame, pathOf, type Step } from './payload-path.ts'

// Deep enough for any data of a person's making, and a quarter of what Node's default stack holds when each level is of
// the dearest kind: the caller may be deep already, and what was written must be readable from anywhere.
const deepest = 256
// A shared part is written once for each reference to it; this stops those that multiply without end.
const mostContainers = 5_000_000

interface Walk {
  readonly where: string
  readonly sorted: boolean
  /** From the payload to the value at hand. Left as it is when something throws, so that it names the culprit. */
  readonly path: Step[]
  /** The containers around the value at hand, the outermost first: one for each step of the path. */
  readonly open: object[]
  containers: number
  refusal: CatenaryError | undefined
}

/** A value that JSON carries, equal to `value` but for its tags; the parts that need none are shared with it. */
export function tagged(value: unknown, where: string, sorted: boolean): unknown {
  const walk: Walk = { where, sorted, path: [], open: [], containers: 0, refusal: undefined }
  try {
    return tag(value, walk)
  } catch (cause) {
    if (cause === walk.refusal) throw cause
    const reason = cause instanceof Error ? cause.message : 'it threw something that is no error'
    throw refuse(walk, `cannot be read (${reason}); return plain data`, cause)
  }
}

function refuse(walk: Walk, problem: string, cause?: unknown): CatenaryError {
  const message = `${walk.where}${pathOf(walk.path)} ${problem}`
  walk.refusal = new CatenaryError('PAYLOAD_NOT_SERIALISABLE', message, cause === undefined ? {} : { cause })
  return walk.refusal
}

function tag(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Object.is(value, -0)) return { $: '-0' }
      return Number.isFinite(value) ? value : { $: String(value) }
    case 'undefined':
      return { $: 'undefined' }
    case 'bigint':
      return { $: ['bigint', String(value)] }
    case 'object':
      return value === null ? null : tagContainer(value, walk)
    default:
      throw refuse(walk, blame(value))
  }
}

function tagContainer(value: object, walk: Walk): unknown {
  const around = walk.open.indexOf(value)
  if (around >= 0) {
    const outer = around === 0 ? 'the whole value' : pathOf(walk.path.slice(0, around)).slice(2)
    throw refuse(walk, `closes a cycle, for it is ${outer} again; refer to it by an id`)
  }
  if (walk.open.length === deepest)
    throw refuse(walk, 'is nested more than 256 levels deep; return a flat list')
  if (++walk.containers > mostContainers) throw refuse(walk, 'is one part too many (5 million); return less')
  walk.open.push(value)
  const result = tagOpened(value, walk)
  walk.open.pop()
  return result
}

function tagOpened(value: object, walk: Walk): unknown {
  if (isList(value)) return tagList(value, walk)
  if (isPlain(value)) return tagObject(value, walk)
  const body = tagBuiltIn(value, walk.sorted, (step, read) => inside(step, read, walk))
  if (body === undefined) throw refuse(walk, blame(value))
  return { $: body }
}

// By shape and not by identity: the host's objects may come from another realm, as they do under Jest.
function isList(value: object): value is readonly unknown[] {
  return Array.isArray(value) && Array.isArray(Object.getPrototypeOf(value))
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  if (Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty')
}

function inside(step: Step, read: () => unknown, walk: Walk): unknown {
  walk.path.push(step)
  const result = tag(read(), walk)
  walk.path.pop()
  return result
}

function tagList(list: readonly unknown[], walk: Walk): unknown {
  let copy: unknown[] | undefined
  for (let i = 0; i < list.length; i++) {
    walk.path.push(i)
    const before = list[i]
    if (before === undefined && !(i in list)) throw refuse(walk, 'is a hole in a sparse array; fill it')
    const after = tag(before, walk)
    walk.path.pop()
    if (copy === undefined && after !== before) copy = list.slice(0, i)
    copy?.push(after)
  }
  return copy ?? list
}

function tagObject(object: Readonly<Record<string, unknown>>, walk: Walk): unknown {
  const keys = Object.keys(object)
  if (walk.sorted) keys.sort()
  let changed = walk.sorted
  const entries = keys.map((key): [string, unknown] => {
    walk.path.push(key)
    const before = object[key]
    const after = tag(before, walk)
    walk.path.pop()
    changed ||= after !== before
    return [key, after]
  })
  if ((keys.length === 1 && keys[0] === '$') || keys.some(isEscapedKey)) return { $: ['entries', entries] }
  return changed ? Object.fromEntries(entries) : object
}
