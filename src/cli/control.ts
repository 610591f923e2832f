// `catenary cancel`, `pause` and `resume`: commands about a run that take nothing but the run.

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
