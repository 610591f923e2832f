// Leaves a run to the process that executes the store already, and follows it from here.

import { ask } from '../engine/clients/client.ts'
import { encode } from '../kernel/codec.ts'
import { newRunId } from '../kernel/id.ts'
import { openSqliteClient } from '../sqlite/client.ts'
import { executorOf } from '../sqlite/executor-of.ts'
import { type Errand, remark, reportEnd } from './errand.ts'
import { exit } from './exit.ts'
import { untilInterrupted } from './interrupts.ts'
import { unfinishedOf } from './same-line.ts'
import { watchRun } from './watch-run.ts'

export async function runThere(errand: Errand): Promise<number> {
  const { call, chain, input, attributes, file } = errand
  const client = openSqliteClient(file)
  const interrupts = untilInterrupted()
  try {
    const earlier = errand.again ? await unfinishedOf(client, attributes) : undefined
    let run = earlier?.run
    if (run === undefined) {
      run = errand.id ?? newRunId(call.clock)
      await ask(client, call.clock, {
        do: 'start',
        run,
        chain: chain.id,
        attributes,
        ...(input === undefined ? {} : { input: encode(input, `input of chain "${chain.id}"`) }),
      })
    }
    const by = executorOf(file).last ?? 'another process'
    remark(errand, `run ${run} of ${chain.id}, left to ${by}, which executes ${file}`)
    const watch = watchRun(call, client, run, call.json)
    const end = await Promise.race([watch.done, interrupts.first.then(() => undefined)])
    watch.stop()
    if (end !== undefined) return reportEnd(errand, end)
    remark(errand, 'the run goes on without us; type the same line to follow it again')
    return exit.interrupted
  } finally {
    interrupts.off()
    await client.close()
  }
}
