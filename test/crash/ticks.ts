// What a schedule must hold at every moment: one run for each tick, none left out, in order.

import type { Row } from '../../src/journal/store.ts'
import type { Said } from './lines.ts'

const every = 1_000
const prefix = 'schedule/tick/all/'

interface Accepted {
  readonly tick?: { readonly scheduledAt: number }
}

/** A tick that is due after the first run was accepted, and before the latest that has begun, has begun. */
export function wrongTicks(rows: readonly Row[]): readonly string[] {
  const ticks = rows.flatMap(({ run, type, body }) =>
    type === 'run.accepted' && run.startsWith(prefix)
      ? [{ run, due: Date.parse(run.slice(prefix.length)), tick: (JSON.parse(body) as Accepted).tick }]
      : [],
  )
  // by then the schedule was known
  const known = rows.find(({ type, run }) => type === 'run.accepted' && !run.startsWith(prefix))?.at
  const [first] = ticks
  const late = first === undefined || known === undefined ? 0 : first.due - known
  return [
    ...(late > every
      ? [`the first tick that ran is ${first?.run}, ${late} ms after the schedule was known`]
      : []),
    ...ticks.flatMap(({ run, due, tick }, place) => [
      ...(tick?.scheduledAt === due ? [] : [`${run} was told that it is for ${tick?.scheduledAt}`]),
      ...(place === 0 || due - (ticks[place - 1]?.due ?? 0) === every
        ? []
        : [`${run} came after ${ticks[place - 1]?.run}`]),
    ]),
  ]
}

/** In the end all ticks have run up to the one that the job has waited for, each well. */
export function missedTicks(rows: readonly Row[], said: readonly Said[]): readonly string[] {
  const last = Number(said.findLast(({ kind }) => kind === 'ticked')?.of)
  const has = rows.some(
    ({ run, type }) => type === 'run.ended' && run === `${prefix}${new Date(last).toISOString()}`,
  )
  const failed = rows.flatMap(({ run, type, body }) =>
    type === 'run.ended' &&
    run.startsWith(prefix) &&
    (JSON.parse(body) as { status: string }).status !== 'succeeded'
      ? [`${run} did not succeed`]
      : [],
  )
  return has ? failed : [...failed, `tick ${last} was told to have ended, and has not`]
}
