// The payload codec: what a step returns to JSON text and back, exactly, or a refusal that names the path.

import { hash as digest } from 'node:crypto'
import { CatenaryError } from './errors.ts'
import { inWords } from './failure.ts'
import { isJson, hasEscapedKey } from './json-shape.ts'
import { freeze, revive } from './revive.ts'
import { tagged } from './tag.ts'

// Every tag is an object whose only key is `$`. A text without this marker holds none: inside a JSON string the
// marker's own quotes are escaped.
const marker = '{"$":'

/**
 * JSON text of `value`, from which `decode` makes the same value again.
 *
 * Survives: what JSON carries, and Date, Map, Set, bigint, bytes, errors, undefined, NaN, the infinities and -0.
 * As in JSON, symbol keys, non-enumerable properties and named properties of arrays are not kept, and an object
 * without a prototype comes back with the usual one. Everything else is refused with its path; `where` says whose
 * value it is, as in `output of step "fetch": rows[3].socket is a function`.
 */
export function encode(value: unknown, where: string): string {
  if (isJson(value)) {
    const json = write(value, where)
    if (!json.includes('\\') || !hasEscapedKey(value)) return json
  }
  return write(tagged(value, where, false), where)
}

/** JSON text that is the same for equal values: keys, map entries and set items are sorted, tags included. */
export function canonical(value: unknown, where = 'value'): string {
  return write(tagged(value, where, true), where)
}

function write(json: unknown, where: string): string {
  try {
    return JSON.stringify(json)
  } catch (cause) {
    const message = `${where} cannot be written as JSON (${inWords(cause)}); return less, or plain data`
    throw new CatenaryError('PAYLOAD_NOT_SERIALISABLE', message, { cause })
  }
}

/** The value whose text `encode` gave; its objects and arrays are frozen through and through. */
export function decode(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    return text.includes(marker) ? revive(parsed) : freeze(parsed)
  } catch (cause) {
    const start = text.length > 40 ? `${text.slice(0, 40)}...` : text
    const message = `the stored payload ${start} cannot be read (${String(cause)}); restore a backup of the store`
    throw CatenaryError.is(cause) ? cause : new CatenaryError('STORE_CORRUPT', message, { cause })
  }
}

/** A short fingerprint of a text: the first 16 bytes of its SHA-256, in hex. */
export function hash(text: string): string {
  return digest('sha256', text, 'hex').slice(0, 32)
}
