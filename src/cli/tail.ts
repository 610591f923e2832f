// `catenary tail`: events as they are recorded, of one run or of all.

import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { StoreReader } from '../journal/store.ts'
import { decode } from '../kernel/codec.ts'
import type { Call, Command } from './command.ts'
import { eventLine } from './event-line.ts'
import { exit, usageError } from './exit.ts'
import { findRun } from './find-run.ts'
import { untilInterrupted } from './interrupts.ts'
import { jsonLine } from './json.ts'
import { storeOption, withReader } from './open-store.ts'
import { printable } from './printable.ts'

/** Looks for more so often (ms). */
const pace = 150
const page = 1_000

export const tail: Command = {
  name: 'tail',
  says: 'show events as they are recorded',
  words: ['[run]'],
  options: {
    lines: { value: 'N', says: 'so many of those that are there already; default 20' },
    'no-follow': { says: 'end with what is there' },
    ...storeOption,
  },
  more: `Follows until the run has ended, or until Ctrl-C. With --json, one event a line.`,
  run: async (call) => withReader(call, async (reader) => follow(call, reader)),
}

async function follow(call: Call, reader: StoreReader): Promise<number> {
  const lines = linesOf(call)
  const given = call.word(0)
  const run = given === undefined ? undefined : (await findRun(reader, given)).run
  const interrupts = untilInterrupted()
  const ctrl = { c: false, wake: (): void => {} }
  void interrupts.first.then(() => {
    ctrl.c = true
    ctrl.wake()
  })
  const print = (events: readonly JournalEvent[]): void => {
    const now = call.clock.now()
    for (const event of events)
      call.terminal.out(call.json ? jsonLine(eventJson(event)) : `${textOf(event, now, run === undefined)}\n`)
  }
  const first = run === undefined ? await lastEvents(reader, lines) : await eventsOf(reader, run, 0)
  let last = first.at(-1)?.seq ?? 0
  let ended = run !== undefined && endsWith(first)
  print(lines === 0 ? [] : first.slice(-lines))
  if (first.length === 0 && !call.json)
    call.terminal.err('No events yet. Start a run with `catenary run <module>`.\n')
  while (!ended && !ctrl.c && !call.has('no-follow')) {
    await new Promise<void>((resolve) => {
      ctrl.wake = resolve
      call.clock.at(call.clock.now() + pace, resolve)
    })
    const more = run === undefined ? await journalAfter(reader, last) : await eventsOf(reader, run, last)
    print(more)
    last = more.at(-1)?.seq ?? last
    ended = run !== undefined && endsWith(more)
  }
  interrupts.off()
  return ctrl.c ? exit.interrupted : exit.ok
}

/** Whether the run has ended, and was not retried since. */
function endsWith(events: readonly JournalEvent[]): boolean {
  return events.findLast(({ type }) => type === 'run.ended' || type === 'run.retried')?.type === 'run.ended'
}

async function eventsOf(reader: StoreReader, run: string, after: number): Promise<readonly JournalEvent[]> {
  return (await reader.rows(run, after)).map(toEvent)
}

async function journalAfter(reader: StoreReader, after: number): Promise<readonly JournalEvent[]> {
  return (await reader.journal({ after, limit: page })).map(toEvent)
}

/** The journal's end is found by halving: its port has pages from the front only. */
async function lastEvents(reader: StoreReader, count: number): Promise<readonly JournalEvent[]> {
  const isAfter = async (seq: number): Promise<boolean> =>
    (await reader.journal({ after: seq, limit: 1 })).length > 0
  let low = 0
  let high = 1
  while (await isAfter(high)) [low, high] = [high, high * 2]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await isAfter(middle)) low = middle + 1
    else high = middle
  }
  return (
    await reader.journal({ after: Math.max(0, low - Math.max(1, count)), limit: Math.max(1, count) })
  ).map(toEvent)
}

function textOf(event: JournalEvent, now: number, withRun: boolean): string {
  return withRun ? `${printable(event.run)}  ${eventLine(event, now)}` : eventLine(event, now)
}

function eventJson({ seq, at, run, type, ...event }: JournalEvent): object {
  const placed = { seq, at, run, type, ...event }
  return 'payload' in event && event.payload !== undefined
    ? { ...placed, payload: decode(event.payload) }
    : placed
}

function linesOf(call: Call): number {
  const given = call.option('lines') ?? '20'
  const lines = Number(given)
  if (Number.isSafeInteger(lines) && lines >= 0) return lines
  throw usageError(`--lines is ${JSON.stringify(given)}: give a whole number from 0`)
}
