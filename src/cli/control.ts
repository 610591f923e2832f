// `catenary cancel`, `pause`, `resume`, `retry` and `fork`: commands about a run.

import { newRunId } from '../kernel/id.ts'
import type { Command } from './command.ts'
import { usageError } from './exit.ts'
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

export const fork: Command = {
  name: 'fork',
  says: 'begin another run with the past of one',
  words: ['<run>'],
  options: {
    at: { value: 'WHEN', says: 'a seq of its journal, or a time as 2026-01-31T12:00:00Z' },
    from: { value: 'STEP', says: 'or right before this step began' },
    chain: { value: 'KEY', says: 'the chain of that step' },
    id: { value: 'ID', says: "the new run's id; default a new one" },
    ...waitOption,
    ...storeOption,
  },
  more: `The run stays as it is; the new one goes on from there. ${more}`,
  async run(call) {
    const chain = call.option('chain')
    const step = call.option('from')
    const moment = momentOf(call.option('at'))
    const named = step !== undefined || chain !== undefined
    if ((moment !== undefined) === named)
      throw usageError('say where to part: --at WHEN or --from STEP, one of them')
    const as = call.option('id') ?? newRunId(call.clock)
    return tell(
      call,
      'forked into',
      (run) => ({
        do: 'fork',
        run,
        as,
        ...moment,
        ...(step === undefined ? {} : { step }),
        ...(chain === undefined ? {} : { chain }),
      }),
      { ended: true },
    )
  },
}

function momentOf(at: string | undefined): { readonly seq: number } | { readonly time: number } | undefined {
  if (at === undefined) return undefined
  if (/^\d{1,15}$/.test(at)) return { seq: Number(at) }
  const time = Date.parse(at)
  if (Number.isNaN(time)) throw usageError(`--at is ${JSON.stringify(at)}: give a seq or a time`)
  return { time }
}
