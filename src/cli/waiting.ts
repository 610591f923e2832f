// `catenary waiting`: the runs that wait for a signal, as an inbox of what somebody has to decide.

import { waitingRuns } from '../engine/runs/waiting.ts'
import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { Command } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import { limitOf } from './list.ts'
import { storeOption, withReader } from './open-store.ts'
import { renderTable } from './table.ts'

export const waiting: Command = {
  name: 'waiting',
  says: 'show runs that wait for a signal',
  words: ['[signal]'],
  options: {
    limit: { value: 'N', says: 'at most so many runs; default 20' },
    before: { value: 'RUN', says: 'runs that began before this one: the next page' },
    ...storeOption,
  },
  more: 'Newest first. `catenary signal <run> <signal> [payload]` answers one.',
  async run(call) {
    const limit = limitOf(call.option('limit') ?? '20')
    const before = call.option('before')
    const signal = call.word(0)
    const found = await withReader(call, async (reader) =>
      waitingRuns(reader, signal, { limit, ...(before === undefined ? {} : { before }) }),
    )
    const { terminal, clock } = call
    if (call.json) {
      terminal.out(jsonText(found))
      return exit.ok
    }
    const now = clock.now()
    const rows = found.map(({ run, chain, signal: name, since, until }) => [
      run,
      chain,
      name,
      `${formatTime(since, now)} (${formatMs(Math.max(0, now - since))})`,
      until === undefined ? '' : formatTime(until, now),
    ])
    const titles = [
      { title: 'RUN', shrinkTo: 26 },
      { title: 'CHAIN', shrinkTo: 5 },
    ]
    terminal.out(
      rows.length === 0
        ? `No run waits for ${signal === undefined ? 'a signal' : `the signal ${signal}`}.\n`
        : renderTable(
            [...titles, { title: 'SIGNAL' }, { title: 'SINCE' }, { title: 'AT MOST UNTIL' }],
            rows,
            terminal.columns,
          ),
    )
    return exit.ok
  },
}
