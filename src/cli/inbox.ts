// `catenary inbox`: the commands that lie in the store and were not carried out, and `inbox drop`: takes one back.

import { type ClientCommand, type ClientReply, readCommand } from '../engine/clients/command.ts'
import type { InboxEntry } from '../journal/store.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { formatTime } from '../kernel/local-time.ts'
import { dropEntry } from '../sqlite/drop-entry.ts'
import { executorOf } from '../sqlite/executor-of.ts'
import type { Call, Command } from './command.ts'
import { exit, usageError } from './exit.ts'
import { jsonText } from './json.ts'
import { limitOf } from './list.ts'
import { existing, storeFile, storeOption, withReader } from './open-store.ts'
import { printable } from './printable.ts'
import { renderTable } from './table.ts'

export const inbox: Command = {
  name: 'inbox',
  says: 'show commands not carried out, or drop one',
  words: ['[drop]', '[entry]'],
  options: { limit: { value: 'N', says: 'at most so many, oldest first; default 20' }, ...storeOption },
  more: `\`catenary inbox drop ENTRY\` takes one back for good, so that no executor carries it out:
one that is kept, such as the start of a chain that will not come back; or any
while no executor has the store open.`,
  run: async (call) => (call.word(0) === undefined ? list(call) : drop(call)),
}

interface Waiting {
  readonly entry: number
  readonly at: number
  readonly do: string
  readonly run: string | null
  readonly command: unknown
  /** Why the executor that is there has laid it aside; null where none has. */
  readonly kept: string | null
}

async function list(call: Call): Promise<number> {
  const limit = limitOf(call.option('limit') ?? '20')
  const file = existing(storeFile(call))
  const found = await withReader(call, async (reader) => {
    const entries = await reader.inbox(limit + 1)
    return Promise.all(entries.map(async (entry) => waitingOf(entry, await reader.reply(entry.id))))
  })
  const shown = found.slice(0, limit)
  if (call.json) {
    call.terminal.out(jsonText(shown))
    return exit.ok
  }
  if (shown.length === 0) {
    call.terminal.out('The inbox is empty.\n')
    return exit.ok
  }
  const { alive } = executorOf(file)
  const now = call.clock.now()
  const rows = shown.map(({ entry, at, do: what, run, kept }) => [
    String(entry),
    formatTime(at, now),
    what,
    run ?? '',
    kept ?? (alive ? 'is about to be carried out' : 'waits for an executor'),
  ])
  const table = renderTable(
    [
      { title: 'ENTRY', align: 'right' },
      { title: 'LEFT AT' },
      { title: 'COMMAND' },
      { title: 'RUN', shrinkTo: 26 },
      { title: 'WHY IT IS HERE', shrinkTo: 24, wraps: true },
    ],
    rows,
    call.terminal.columns,
  )
  call.terminal.out(found.length > limit ? `${table}There are more: --limit shows them.\n` : table)
  return exit.ok
}

function drop(call: Call): number {
  const [verb, given] = [call.must(0), call.word(1)]
  if (verb !== 'drop') throw usageError(`"${verb}" is nothing that can be done to the inbox: it is drop`)
  if (given === undefined) throw usageError('which entry? catenary inbox drop <entry>')
  const entry = Number(given)
  if (!Number.isSafeInteger(entry) || !/^\d+$/.test(given))
    throw usageError(`entry ${JSON.stringify(given)} is no number of an entry: \`catenary inbox\` lists them`)
  const body = dropEntry(existing(storeFile(call)), entry)
  const { do: what, run } = waitingOf({ id: entry, at: 0, body }, undefined)
  call.terminal.out(
    call.json
      ? jsonText({ entry, do: what, run, done: 'dropped' })
      : `dropped entry ${entry}: ${printable(what)}${run === null ? '' : ` of run ${printable(run)}`}\n`,
  )
  return exit.ok
}

function waitingOf({ id: entry, at, body }: InboxEntry, reply: string | undefined): Waiting {
  const told = reply === undefined ? undefined : (JSON.parse(reply) as ClientReply)
  const kept = told?.ok === false && told.kept === true ? told.message : null
  try {
    const command = readCommand(body)
    const { do: what, run } = command
    const typed = typedOf(command)
    if (typed !== undefined) return { entry, at, do: typed, run: null, command, kept }
    const of = 'chain' in command && what.includes('start') ? ` ${[command.chain].flat().join(', ')}` : ''
    const name = 'name' in command && what === 'signal' ? ` ${command.name}` : ''
    return { entry, at, do: `${what}${of}${name}`, run, command, kept }
  } catch (error) {
    if (!CatenaryError.is(error)) throw error
    return { entry, at, do: 'unreadable', run: null, command: body, kept }
  }
}

/** What is about no run, as it is typed. */
function typedOf(command: ClientCommand): string | undefined {
  const { do: what, run: id } = command
  if (what === 'action') return `${command.act} ${id}`
  if (what === 'schedule') return `schedules ${command.act} ${id.replace(/^schedule\//, '')}`
  if (what !== 'suggestion') return undefined
  return command.act === 'dismiss'
    ? `dismiss ${id}`
    : `apply ${id}${command.act === 'try' ? '' : ' --no-trial'}`
}
