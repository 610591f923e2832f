// `catenary schedules`: how the schedules of a store stand, and to pause, resume or trigger one.

import { ask } from '../engine/clients/client.ts'
import type { ScheduleAct } from '../engine/clients/command.ts'
import { readSchedules, type ScheduleStanding, timingText } from '../engine/schedules/schedule-note.ts'
import { scheduleName } from '../definition/schedule.ts'
import type { StoreReader } from '../journal/store.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { newRunId } from '../kernel/id.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { Call, Command } from './command.ts'
import { exit, usageError } from './exit.ts'
import { jsonText } from './json.ts'
import { storeOption, withClient, withReader } from './open-store.ts'
import { paintStatus } from './show.ts'
import { renderTable } from './table.ts'
import { timeoutOf, waitOption } from './tell.ts'

const done: Readonly<Record<ScheduleAct, string>> = {
  pause: 'paused',
  resume: 'resumed',
  trigger: 'triggered',
}

export const schedules: Command = {
  name: 'schedules',
  says: 'show schedules; pause, resume or trigger one',
  words: ['[action]', '[schedule]'],
  options: { ...waitOption, ...storeOption },
  more: `ACTION is pause, resume or trigger; a schedule is named by its chain, or as chain/id.
Without an executor it is left in the inbox (exit code 4) and carried out when one
opens the store.`,
  async run(call) {
    const act = call.word(0)
    if (act === undefined) return show(call)
    if (!isAct(act)) throw usageError(`a schedule cannot be asked to "${act}": pause, resume or trigger`)
    const given = call.word(1)
    if (given === undefined) throw usageError(`say which schedule: catenary schedules ${act} <chain>`)
    const answer = await withClient(call, async (client) => {
      const { chain, id } = await findSchedule(client, given, call.clock.now())
      const command = { do: 'schedule', run: scheduleName(chain, id), act, id: newRunId(call.clock) } as const
      return ask(client, call.clock, command, { timeout: timeoutOf(call) })
    })
    const of = act === 'trigger' ? `run ${answer.run}` : answer.run
    call.terminal.out(call.json ? jsonText({ run: answer.run, done: done[act] }) : `${done[act]} ${of}\n`)
    return exit.ok
  },
}

function isAct(word: string): word is ScheduleAct {
  return Object.hasOwn(done, word)
}

/** The schedule that is meant: `chain`, `chain/id`, or its full name. */
export async function findSchedule(
  reader: Pick<StoreReader, 'note' | 'head'>,
  given: string,
  now: number,
): Promise<ScheduleStanding> {
  const all = await readSchedules(reader, now)
  const [chain = '', id] = given.replace(/^schedule\//, '').split('/')
  const found = all.filter((one) => one.chain === chain && (id === undefined || one.id === id))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const names = (found.length > 0 ? found : all).map((one) => `${one.chain}/${one.id}`).join(', ')
  throw new CatenaryError(
    'SCHEDULE_UNKNOWN',
    found.length > 0
      ? `chain "${chain}" has several schedules: say which of ${names}`
      : `there is no schedule ${given} in this store: ${names === '' ? 'no chain has one' : `there are ${names}`}`,
  )
}

async function show(call: Call): Promise<number> {
  const now = call.clock.now()
  const all = await withReader(call, async (reader) => readSchedules(reader, now))
  if (call.json) call.terminal.out(jsonText(all))
  else
    call.terminal.out(all.length === 0 ? 'No chain of this store has a schedule.\n' : tableOf(call, all, now))
  return exit.ok
}

function tableOf(
  { terminal: { paint, columns } }: Call,
  all: readonly ScheduleStanding[],
  now: number,
): string {
  const rows = all.map(({ chain, id, timing, paused, next, last, queue, skipped, refused }) => [
    id === 'default' ? chain : `${chain}/${id}`,
    timingText(timing),
    paused ? paintStatus(paint, 'paused') : next === undefined ? 'never' : formatTime(next, now),
    last === undefined ? '' : `${formatTime(last.at, now)} ${paintStatus(paint, last.status ?? 'gone')}`,
    [
      ...(queue.length === 0 ? [] : [`${queue.length} waiting`]),
      ...(skipped === undefined ? [] : [`skipped ${formatTime(skipped.at, now)}: ${skipped.because}`]),
      ...(refused === undefined ? [] : [`refused ${formatTime(refused.at, now)}: ${refused.because}`]),
    ].join('; '),
  ])
  const titles = [
    { title: 'SCHEDULE', shrinkTo: 8 },
    { title: 'WHEN', shrinkTo: 9 },
    { title: 'NEXT' },
    { title: 'LAST' },
    { title: 'NOTES', shrinkTo: 10 },
  ]
  return renderTable(titles, rows, columns)
}
