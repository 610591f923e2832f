// `catenary list`: the runs of a store, newest first.

import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import { listed } from '../engine/runs/listed-run.ts'
import type { RunHead, RunStatus } from '../journal/store.ts'
import type { Call, Command } from './command.ts'
import { exit, usageError } from './exit.ts'
import { jsonText } from './json.ts'
import { storeFile, storeOption, withReader } from './open-store.ts'
import { isEnded, paintStatus, unended } from './show.ts'
import { attributesOf } from './where.ts'
import { renderTable } from './table.ts'

const statuses: readonly string[] = [...unended, 'succeeded', 'failed', 'cancelled'] satisfies RunStatus[]

export const list: Command = {
  name: 'list',
  says: 'show runs, newest first',
  words: [],
  options: {
    chain: { value: 'ID', says: 'only runs of this chain' },
    status: { value: 'STATUS', says: `only runs that stand so: ${statuses.slice(0, 3).join(', ')}, ...` },
    dead: { says: 'only dead letters: what `catenary retry` lets go on' },
    where: {
      value: 'NAME=VALUE',
      says: 'only runs with this attribute; several times: all must hold',
      many: true,
    },
    limit: { value: 'N', says: 'at most so many; default 20' },
    ...storeOption,
  },
  more: `STATUS is one of
  ${statuses.slice(0, 6).join(', ')},
  ${statuses.slice(6).join(', ')}.

VALUE is a number, true, false, or else a text; "5" in double quotes is a text too.
NAME>=NUMBER and NAME<=NUMBER ask for a range: --where 'total>=100'.`,
  async run(call) {
    const limit = limitOf(call.option('limit') ?? '20')
    const chain = call.option('chain')
    const given = call.option('status')
    if (call.has('dead') && given !== undefined) throw usageError('give --dead or --status, not both')
    const status = call.has('dead') ? 'dead-letter' : given
    const attributes = attributesOf(call.options('where'))
    if (status !== undefined && !statuses.includes(status))
      throw usageError(`no run can stand as "${status}": it is one of ${statuses.join(', ')}`)
    // one more, to know whether there are more
    const heads = await withReader(call, async (reader) =>
      reader.heads({
        limit: limit + 1,
        ...(chain === undefined ? {} : { chain }),
        ...(attributes === undefined ? {} : { attributes }),
        ...(status === undefined ? {} : { status: [status as RunStatus] }),
      }),
    )
    const shown = heads.slice(0, limit)
    call.terminal.out(call.json ? jsonText(shown.map(listed)) : asText(call, shown, heads.length > limit))
    return exit.ok
  },
}

function asText(call: Call, heads: readonly RunHead[], more: boolean): string {
  const { paint, columns } = call.terminal
  if (heads.length === 0) {
    const asked =
      call.options('where').length > 0 ||
      call.option('chain') !== undefined ||
      call.option('status') !== undefined ||
      call.has('dead')
    return asked
      ? 'No run is like that. `catenary list` shows all.\n'
      : `No runs in ${storeFile(call)} yet. Start one with \`catenary run <module>\`.\n`
  }
  const now = call.clock.now()
  const rows = heads.map(({ run, chain, status, acceptedAt, endedAt }) => [
    run,
    chain.replaceAll(',', ', '),
    paintStatus(paint, status),
    formatTime(acceptedAt, now),
    `${formatMs((endedAt ?? now) - acceptedAt)}${isEnded(status) ? '' : ' so far'}`,
  ])
  const table = renderTable(
    [
      { title: 'RUN', shrinkTo: 26 },
      { title: 'CHAIN', shrinkTo: 5 },
      { title: 'STATUS' },
      { title: 'STARTED' },
      { title: 'TOOK' },
    ],
    rows,
    columns,
  )
  return more ? `${table}There are more: --limit shows them.\n` : table
}

/** A limit as it was typed. */
export function limitOf(text: string): number {
  const limit = Number(text)
  if (Number.isSafeInteger(limit) && limit > 0) return limit
  throw usageError(`--limit is ${JSON.stringify(text)}: give a whole number from 1`)
}
