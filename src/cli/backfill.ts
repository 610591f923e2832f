// `catenary backfill`: has the live executor run a chain for the ticks of a time that is past.

import { beginBackfill, planBackfill } from '../engine/schedules/backfill.ts'
import { ask } from '../engine/clients/client.ts'
import { createPoll } from '../engine/clients/poll.ts'
import { isEnd } from '../engine/runs/run-result.ts'
import { readSchedules } from '../engine/schedules/schedule-note.ts'
import type { RunStatus, StoreClient } from '../journal/store.ts'
import { encode } from '../kernel/codec.ts'
import type { Duration } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { Call, Command } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import { storeOption, withClient } from './open-store.ts'
import { readValue } from './read-value.ts'
import { timeoutOf, waitOption } from './tell.ts'

export const backfill: Command = {
  name: 'backfill',
  says: 'run a chain for the ticks of a time that is past',
  words: ['<chain>'],
  options: {
    from: { value: 'TIME', says: "ticks from then on, as '2026-03-01'" },
    to: { value: 'TIME', says: 'ticks before then' },
    every: { value: 'TIME', says: "a tick so often, as '1d'; default those of its schedule" },
    schedule: { value: 'ID', says: 'which schedule, where it has several' },
    'in-flight': { value: 'N', says: 'runs at once; default 4' },
    input: { value: 'JSON', says: 'their input: JSON, @file, or @-' },
    id: { value: 'ID', says: 'under another id the same ticks run again' },
    ...waitOption,
    ...storeOption,
  },
  more: `It needs a live executor that has the chain. Typed again after Ctrl-C, it goes on:
a tick whose run is there is not run again.`,
  async run(call) {
    const progress = await withClient(call, async (client) => fill(call, client))
    const { succeeded, failed } = progress
    call.terminal.out(call.json ? jsonText(progress) : `${succeeded} succeeded, ${failed} failed\n`)
    return failed === 0 ? exit.ok : exit.failed
  },
}

async function fill(
  call: Call,
  client: StoreClient,
): Promise<{ readonly succeeded: number; readonly failed: number }> {
  const chain = call.must(0)
  const { clock } = call
  const [every, schedule, inFlight, id] = ['every', 'schedule', 'in-flight', 'id'].map((name) =>
    call.option(name),
  )
  const known = (await readSchedules(client, clock.now())).filter((one) => one.chain === chain)
  const plan = planBackfill(
    chain,
    known,
    {
      from: call.option('from') ?? '',
      to: call.option('to') ?? '',
      ...(every === undefined ? {} : { every: every as Duration }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(inFlight === undefined ? {} : { inFlight: Number(inFlight) }),
      ...(id === undefined ? {} : { id }),
    },
    clock.now(),
  )
  const given = call.option('input')
  const input = given === undefined ? undefined : encode(readValue(given, 'the input'), 'the input')
  const poll = createPoll(clock)
  const filling = beginBackfill(plan, {
    async start(run, tick) {
      const command = { do: 'start', run, chain, tick, ...(input === undefined ? {} : { input }) } as const
      await ask(client, clock, command, { timeout: timeoutOf(call), poll })
    },
    end: async (run) => poll.until(async () => endOf(client, run)),
  })
  filling.progress$.subscribe(({ at, inFlight: now }) => {
    if (!call.json && at !== undefined)
      call.terminal.err(`${formatTime(at, clock.now())} begun, ${now} in flight\n`)
  })
  return filling.done
}

async function endOf(client: StoreClient, run: string): Promise<RunStatus | undefined> {
  const status = (await client.head(run))?.status
  return status !== undefined && isEnd(status) ? status : undefined
}
