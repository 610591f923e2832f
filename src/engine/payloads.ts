// What the author returned as it will be recorded and read back: the same before a crash and after it.

import { decode, encode } from '../kernel/codec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import type { AttemptId, Payload } from '../journal/event.ts'

export type Stored =
  | { readonly ok: true; readonly payload: Payload | undefined; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure }

const unnamed = 'output'

/** Encodes a value, and gives the copy that everyone reads: frozen, and just what a restart would read. */
export function toPayload(value: unknown, maxPayload: number, what: string | AttemptId): Stored {
  if (value === undefined) return { ok: true, payload: undefined, value }
  try {
    const payload = encode(value, typeof what === 'string' ? what : unnamed)
    if (payload.length > maxPayload) {
      const message = tooLarge(nameOf(what), payload.length, maxPayload)
      return {
        ok: false,
        failure: { kind: 'rejected', message, retryable: false, code: 'PAYLOAD_TOO_LARGE' },
      }
    }
    return { ok: true, payload, value: typeof value === 'object' ? decode(payload) : value }
  } catch (error) {
    const { stack: _, ...failure } = failureOf(error, 'rejected')
    const message = typeof what === 'string' ? failure.message : named(failure.message, what)
    return { ok: false, failure: { ...failure, message, retryable: false } }
  }
}

/** An attempt's name is spelled out only where its output is refused. */
function named(message: string, what: AttemptId): string {
  return message.startsWith(unnamed) ? `${nameOf(what)}${message.slice(unnamed.length)}` : message
}

function nameOf(what: string | AttemptId): string {
  return typeof what === 'string' ? what : `output of step "${what.step}" of chain "${what.chain}"`
}

/** Encodes what a caller hands in; a mistake of the caller throws. */
export function encodeGiven(value: unknown, what: string, maxPayload: number): Payload | undefined {
  if (value === undefined) return undefined
  const payload = encode(value, what)
  if (payload.length > maxPayload)
    throw new CatenaryError('PAYLOAD_TOO_LARGE', tooLarge(what, payload.length, maxPayload))
  return payload
}

/** Decodes what another process left encoded; its mistake throws. */
export function decodeGiven(payload: string | undefined, what: string, maxPayload: number): unknown {
  if (payload === undefined) return undefined
  if (payload.length > maxPayload) {
    throw new CatenaryError(
      'PAYLOAD_TOO_LARGE',
      `${what} takes ${payload.length} characters, more than maxPayload (${maxPayload}): keep the data elsewhere and send where it is`,
    )
  }
  try {
    return decode(payload)
  } catch (error) {
    throw new CatenaryError('INPUT_INVALID', `${what} cannot be read: encode it as JSON`, { cause: error })
  }
}

function tooLarge(what: string, size: number, limit: number): string {
  return `${what} takes ${size} characters, more than maxPayload (${limit}): keep the data elsewhere and return where it is, or raise maxPayload`
}
