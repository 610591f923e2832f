// `catenary ask`: a signal with a reply, to a run that another process executes.

import { ask as post } from '../engine/clients/client.ts'
import { createPoll } from '../engine/clients/poll.ts'
import { lookForReply, replyLate } from '../engine/runs/replies.ts'
import { newRunId } from '../kernel/id.ts'
import type { Command } from './command.ts'
import { exit } from './exit.ts'
import { findRun } from './find-run.ts'
import { jsonText } from './json.ts'
import { storeOption, withClient } from './open-store.ts'
import { payloadOf } from './read-value.ts'
import { timeoutOf, waitOption } from './tell.ts'

export const ask: Command = {
  name: 'ask',
  says: 'deliver a signal to a run, and print its reply',
  words: ['<run>', '<name>', '[payload]'],
  options: {
    id: { value: 'ID', says: 'the same id has the same reply, for ever; default a new one' },
    ...waitOption,
    ...storeOption,
  },
  more: `The payload is JSON, @file, or @- for standard input. The reply is printed as JSON.
Where it is not there in time (exit code 4), the same line with the --id that is
named then goes on waiting, and delivers nothing twice.`,
  async run(call) {
    const name = call.must(1)
    const payload = payloadOf(call.word(2), name)
    const id = call.option('id') ?? newRunId(call.clock)
    const answered = await withClient(call, async (client) => {
      const timeout = timeoutOf(call)
      const { run } = await findRun(client, call.must(0))
      const poll = createPoll(call.clock)
      const signal = { do: 'signal', run, name, id, asks: true } as const
      const options = { timeout, poll }
      await post(client, call.clock, payload === undefined ? signal : { ...signal, payload }, options)
      const late = { within: timeout, because: () => replyLate(run, id, timeout) }
      const { value } = await poll.until(lookForReply(client, run, id), late)
      return { run, value }
    })
    const { run, value } = answered
    call.terminal.out(jsonText(call.json ? { run, id, reply: value ?? null } : value))
    return exit.ok
  },
}
