// `catenary act` and `catenary undo`: a person's word on an action, for the process that executes the store.

import { ask } from '../engine/clients/client.ts'
import type { Call, Command } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import { storeOption, withClient } from './open-store.ts'
import { timeoutOf, waitOption } from './tell.ts'

const more = `Actions and their ids are listed by \`catenary report\`. Without an executor it is left
in the inbox (exit code 4) and carried out when one opens the store; whether it may be done is its to say.`

export const act: Command = {
  name: 'act',
  says: 'have the supervisor do what the report says',
  words: ['<action>'],
  options: { ...waitOption, ...storeOption },
  more,
  run: async (call) => tellExecutor(call, 'act', 'done'),
}

export const undo: Command = {
  name: 'undo',
  says: 'take back an action that is in force',
  words: ['<action>'],
  options: { reason: { value: 'TEXT', says: 'why, for the journal' }, ...waitOption, ...storeOption },
  more,
  run: async (call) => tellExecutor(call, 'undo', 'undone'),
}

async function tellExecutor(call: Call, what: 'act' | 'undo', done: string): Promise<number> {
  const id = call.must(0)
  const reason = call.option('reason')
  const command = { do: 'action', run: id, act: what, ...(reason === undefined ? {} : { reason }) } as const
  await withClient(call, async (client) => ask(client, call.clock, command, { timeout: timeoutOf(call) }))
  call.terminal.out(call.json ? jsonText({ [done]: id }) : `${done}: ${id}\n`)
  return exit.ok
}
