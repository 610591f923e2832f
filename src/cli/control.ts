// `catenary cancel`, `pause`, `resume` and `retry`: commands about a run.

import type { Command } from './command.ts'
import { storeOption } from './open-store.ts'
import { tell, waitOption } from './tell.ts'

const more = `Without an executor it is left in the inbox (exit code 4) and carried out when one
opens the store.`

export const cancel: Command = {
  name: 'cancel',
  says: 'cancel a run, attempts in flight too',
  words: ['<run>'],
  options: { reason: { value: 'TEXT', says: 'why, for the journal' }, ...waitOption, ...storeOption },
  more,
  async run(call) {
    const reason = call.option('reason')
    return tell(call, 'cancelled', (run) => ({
      do: 'cancel',
      run,
      ...(reason === undefined ? {} : { reason }),
    }))
  },
}

export const pause: Command = {
  name: 'pause',
  says: 'pause a run: attempts in flight end',
  words: ['<run>'],
  options: { ...waitOption, ...storeOption },
  more,
  run: async (call) => tell(call, 'paused', (run) => ({ do: 'pause', run })),
}

export const resume: Command = {
  name: 'resume',
  says: 'let a paused run go on',
  words: ['<run>'],
  options: { ...waitOption, ...storeOption },
  more,
  run: async (call) => tell(call, 'resumed', (run) => ({ do: 'resume', run })),
}

export const retry: Command = {
  name: 'retry',
  says: 'let a failed, cancelled or dead run go on',
  words: ['<run>'],
  options: {
    from: { value: 'STEP', says: 'go back to this step; default what failed' },
    chain: { value: 'KEY', says: 'the chain of that step, or alone: all of this chain' },
    ...waitOption,
    ...storeOption,
  },
  more: `Goes on under the same id; what was committed and still holds is kept. A run that has
succeeded needs --from or --chain. ${more}`,
  async run(call) {
    const step = call.option('from')
    const chain = call.option('chain')
    return tell(
      call,
      'retried',
      (run) => ({
        do: 'retry',
        run,
        ...(step === undefined ? {} : { step }),
        ...(chain === undefined ? {} : { chain }),
      }),
      { ended: true },
    )
  },
}
