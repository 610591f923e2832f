// `catenary apply` and `catenary dismiss`: a person's word on a suggestion, for the process that executes the store.

import { ask } from '../engine/clients/client.ts'
import type { SuggestionAct } from '../engine/clients/command.ts'
import type { Call, Command } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import { storeOption, withClient } from './open-store.ts'
import { timeoutOf, waitOption } from './tell.ts'

const more = `Suggestions and their ids are listed by \`catenary report --advice\`. Without an
executor it is left in the inbox (exit code 4) and carried out when one opens the store.`

export const apply: Command = {
  name: 'apply',
  says: 'try a suggestion on pairs of runs, or put it into the config',
  words: ['<suggestion>'],
  options: {
    'no-trial': { says: 'put it into the config at once, for all runs' },
    ...waitOption,
    ...storeOption,
  },
  more,
  async run(call) {
    const act = call.has('no-trial') ? 'apply' : 'try'
    const came = await tellExecutor(call, act)
    const text = act === 'try' ? `trial ${came} has begun` : `applied as version ${came} of the config`
    call.terminal.out(
      call.json ? jsonText(act === 'try' ? { trial: came } : { config: Number(came) }) : `${text}\n`,
    )
    return exit.ok
  },
}

export const dismiss: Command = {
  name: 'dismiss',
  says: 'say no to a suggestion; a trial of it ends',
  words: ['<suggestion>'],
  options: { reason: { value: 'TEXT', says: 'why, for the journal' }, ...waitOption, ...storeOption },
  more,
  async run(call) {
    const id = await tellExecutor(call, 'dismiss')
    call.terminal.out(call.json ? jsonText({ dismissed: id }) : `dismissed ${id}\n`)
    return exit.ok
  },
}

async function tellExecutor(call: Call, act: SuggestionAct): Promise<string> {
  const reason = call.option('reason')
  const given = reason === undefined ? {} : { reason }
  const reply = await withClient(call, async (client) =>
    ask(
      client,
      call.clock,
      { do: 'suggestion', run: call.must(0), act, ...given },
      { timeout: timeoutOf(call) },
    ),
  )
  return reply.run
}
