// Counts, outside of the store, how often each step body really ran: how a test proves that none ran twice.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'

interface Place {
  readonly idempotencyKey: string
  readonly attempt: number
}

/**
 * With CATENARY_COUNT_FILE set, appends `run/chain/step[/item]/attempt` to that file as the body begins, and
 * `done run/...` as it ends, each line on disk before the body goes on. Otherwise gives back the body itself.
 * With CATENARY_COUNT_SYNC=off a line is only handed to the system, which outlives a killed process as well.
 */
export function counted<Given extends readonly unknown[], R>(
  body: (...given: Given) => R | Promise<R>,
): (...given: Given) => R | Promise<R> {
  const file = process.env['CATENARY_COUNT_FILE']
  if (file === undefined || file === '') return body
  return async (...given) => {
    const { idempotencyKey, attempt } = given.at(-1) as Place
    const line = `${idempotencyKey}/${attempt}`
    append(file, line)
    const result = await body(...given)
    append(file, `done ${line}`)
    return result
  }
}

/** With CATENARY_COUNT_FILE set, appends a line that says what was promised, such as `accepted <run>`. */
export function countLine(line: string): void {
  const file = process.env['CATENARY_COUNT_FILE']
  if (file !== undefined && file !== '') append(file, line)
}

function append(file: string, line: string): void {
  const descriptor = openSync(file, 'a')
  try {
    writeSync(descriptor, `${line}\n`)
    if (process.env['CATENARY_COUNT_SYNC'] !== 'off') fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
