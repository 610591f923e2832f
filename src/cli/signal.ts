// `catenary signal`: delivers a signal to a run that another process executes.

import { newRunId } from '../kernel/id.ts'
import { tell, waitOption } from './tell.ts'
import type { Command } from './command.ts'
import { payloadOf } from './read-value.ts'
import { storeOption } from './open-store.ts'

export const signal: Command = {
  name: 'signal',
  says: 'deliver a signal to a run',
  words: ['<run>', '<name>', '[payload]'],
  options: {
    id: { value: 'ID', says: 'the same id is delivered once; default a new one' },
    ...waitOption,
    ...storeOption,
  },
  more: `The payload is JSON, @file, or @- for standard input. The signal is
kept if no step waits for it yet. Without an executor it is left in the inbox (exit
code 4) and delivered when one opens the store.`,
  async run(call) {
    const name = call.must(1)
    const payload = payloadOf(call.word(2), name)
    const id = call.option('id') ?? newRunId(call.clock)
    return tell(call, `signal ${name} delivered to`, (run) => ({
      do: 'signal',
      run,
      name,
      id,
      ...(payload === undefined ? {} : { payload }),
    }))
  },
}
