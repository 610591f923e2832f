// What compensations must hold at every moment: the last first, one after the other, nothing done after one has begun.

import type { Row } from '../../src/journal/store.ts'
import { keyOf, type Place } from './attempts.ts'
import type { Said } from './lines.ts'

/** A body began or ended well. */
interface Deed {
  readonly run: string
  /** What was done; the same for a step and what undoes it. */
  readonly what: string
  readonly undoes: boolean
  readonly began: boolean
}

const suffix = ':compensation'
const isTrip = (run: string): boolean => run.startsWith('trip-')
/** Undoes nothing, and is not undone. */
const plain = '/confirm'

function deedsOf(run: string, text: string, began: boolean): readonly Deed[] {
  const what = text.replace(suffix, '')
  return what.endsWith(plain) ? [] : [{ run, what, undoes: text.includes(suffix), began }]
}

/** By the journal: items of a fan-out one by one. */
export function wrongUndoing(rows: readonly Row[]): readonly string[] {
  const deeds = rows.flatMap(({ run, type, body }) => {
    if (!isTrip(run) || (type !== 'attempt.started' && type !== 'attempt.succeeded')) return []
    const place = { ...(JSON.parse(body) as Omit<Place, 'run'>), run }
    // an item's step is where the suffix is
    return deedsOf(run, keyOf(place), type === 'attempt.started')
  })
  const failed = new Map(
    rows.flatMap(({ run, type, body }) =>
      isTrip(run) && type === 'run.ended'
        ? [[run, (JSON.parse(body) as { status: string }).status !== 'succeeded'] as const]
        : [],
    ),
  )
  return wrongOrder(deeds, failed)
}

/** By what bodies told from outside: after a kill the items of one fan-out may begin in another order than before. */
export function wrongUndoingTold(said: readonly Said[]): readonly string[] {
  const deeds = said.flatMap(({ kind, of }) => {
    const [run = ''] = of.split('/', 1)
    if (!isTrip(run) || (kind !== 'start' && kind !== 'done')) return []
    const text = of.replace(/\/\d+$/, '').replace(/\/room-\d+$/, '')
    return deedsOf(run, text, kind === 'start')
  })
  return wrongOrder(deeds, new Map())
}

function wrongOrder(deeds: readonly Deed[], failed: ReadonlyMap<string, boolean>): readonly string[] {
  return [...Map.groupBy(deeds, ({ run }) => run)].flatMap(([run, own]) => {
    const first = own.findIndex(({ undoes }) => undoes)
    const [before, after] = first < 0 ? [own, []] : [own.slice(0, first), own.slice(first)]
    const begun = unique(before.map(({ what }) => what)).toReversed()
    const undone = unique(after.flatMap(({ what, undoes }) => (undoes ? [what] : [])))
    const ended = new Set(after.flatMap(({ what, undoes, began }) => (undoes && !began ? [what] : [])))
    const late = after.filter(({ undoes }) => !undoes).map(({ what }) => what)
    const over = failed.get(run)
    return [
      ...(late.length === 0 ? [] : [`run ${run} did ${late.join(', ')} after it had begun to undo`]),
      ...(undone.every((what, place) => what === begun[place])
        ? []
        : [`run ${run} undid ${undone.join(', ')}; the reverse of what it began is ${begun.join(', ')}`]),
      // the next one begins once the one before has ended
      ...undone
        .slice(0, -1)
        .flatMap((what) => (ended.has(what) ? [] : [`run ${run} never ended to undo ${what}`])),
      ...(over === true && begun.some((what) => !ended.has(what))
        ? [`run ${run} failed, and did not undo ${begun.filter((what) => !ended.has(what)).join(', ')}`]
        : []),
      ...(over === false && undone.length > 0
        ? [`run ${run} succeeded, and undid ${undone.join(', ')}`]
        : []),
    ]
  })
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)]
