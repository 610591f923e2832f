// Reads a value that was typed: JSON on the line, in a file, or from standard input.

import { readFileSync } from 'node:fs'
import { encode } from '../kernel/codec.ts'
import { usageError } from './exit.ts'

/** @param given JSON, `@file`, or `@-` for standard input. `what` names it where it cannot be read. */
export function readValue(given: string, what: string): unknown {
  const file = given.startsWith('@') ? given.slice(1) : undefined
  const text = file === undefined ? given : textOf(file, what)
  try {
    return JSON.parse(text)
  } catch (error) {
    const where = file === undefined ? '' : ` in ${file}`
    const cure =
      file === undefined
        ? `a text goes in double quotes, '"like this"', and @file reads a file`
        : 'mend that file'
    throw usageError(`${what}${where} is not JSON (${messageOf(error)}): ${cure}`)
  }
}

/** The payload of a signal as it was typed, encoded; undefined where none was. */
export function payloadOf(given: string | undefined, signal: string): string | undefined {
  return given === undefined
    ? undefined
    : encode(readValue(given, 'the payload'), `payload of signal "${signal}"`)
}

function textOf(file: string, what: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw usageError(`${what} cannot be read from ${file} (${messageOf(error)}): give a file that is there`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
