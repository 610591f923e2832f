// The way back from tagged JSON: rebuilds what was tagged, and freezes the objects and arrays around it.

import { Buffer } from 'node:buffer'
import { CatenaryError } from './errors.ts'

type Fields = Record<string, unknown>

const constants = new Map<unknown, unknown>([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

const builtIns = new Map<unknown, (body: unknown) => unknown>([
  ['entries', (body) => reviveFields(Object.fromEntries(body as [string, unknown][]))],
  ['bigint', (body) => BigInt(body as string)],
  ['date', (body) => new Date(body === null ? Number.NaN : (body as string))],
  ['bytes', (body) => new Uint8Array(Buffer.from(body as string, 'base64'))],
  [
    'map',
    (body) => new Map((body as [unknown, unknown][]).map(([key, value]) => [revive(key), revive(value)])),
  ],
  ['set', (body) => new Set((body as unknown[]).map(revive))],
  ['error', (body) => reviveError(body as Fields)],
])

const errors = new Map<unknown, ErrorConstructor>(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
)

/** Freezes freshly parsed JSON, all the way down. */
export function freeze(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) for (const item of json) freeze(item)
  else for (const key of Object.keys(json)) freeze((json as Fields)[key])
  return Object.freeze(json)
}

/** Rebuilds, in place, what is tagged in freshly parsed JSON. */
export function revive(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (!Array.isArray(json)) return isTag(json) ? untag(json.$) : reviveFields(json as Fields)
  for (let i = 0; i < json.length; i++) json[i] = revive(json[i])
  return Object.freeze(json)
}

function isTag(object: object): object is { $: unknown } {
  return Object.hasOwn(object, '$') && Object.keys(object).length === 1
}

// A parsed `__proto__` is an own property, and assigning to an own property never reaches the prototype.
function reviveFields(object: Fields): unknown {
  for (const key of Object.keys(object)) object[key] = revive(object[key])
  return Object.freeze(object)
}

function untag(tag: unknown): unknown {
  if (constants.has(tag)) return constants.get(tag)
  const [name, body] = Array.isArray(tag) ? (tag as unknown[]) : []
  const rebuild = builtIns.get(name)
  if (rebuild !== undefined) return rebuild(body)
  const message = `a stored payload is tagged ${JSON.stringify(tag)}, which this version does not know; upgrade catenary`
  throw new CatenaryError('STORE_NEWER', message)
}

function reviveError({ name, message, stack, ...rest }: Fields): Error {
  const text = message as string
  const error = 'errors' in rest ? new AggregateError([], text) : new (errors.get(name) ?? Error)(text)
  const hidden = (value: unknown): PropertyDescriptor => ({ value, writable: true, configurable: true })
  if (error.name !== name) Object.defineProperty(error, 'name', hidden(name))
  Object.defineProperty(error, 'stack', hidden(stack))
  if ('errors' in rest) Object.defineProperty(error, 'errors', hidden(revive(rest['errors'])))
  if ('cause' in rest) Object.defineProperty(error, 'cause', hidden(revive(rest['cause'])))
  if ('code' in rest) Object.assign(error, { code: revive(rest['code']) })
  return error
}
