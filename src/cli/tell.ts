// Leaves a command about a run in the store, and says what came of it.

import { ask } from '../engine/clients/client.ts'
import type { ClientCommand } from '../engine/clients/command.ts'
import { toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { executorOf } from '../sqlite/executor-of.ts'
import type { Call, OptionSpec } from './command.ts'
import { exit } from './exit.ts'
import { findRun } from './find-run.ts'
import { jsonText } from './json.ts'
import { storeFile, withClient } from './open-store.ts'
import { isEnded } from './show.ts'

export const waitOption: Readonly<Record<string, OptionSpec>> = {
  wait: { value: 'TIME', says: "how long to wait for the executor, as '10s'; default 5s, 0 without one" },
}

/**
 * @param done what was done, such as `paused`; the run's id follows it.
 * @param takes whether a run that has ended takes the command.
 */
export async function tell(
  call: Call,
  done: string,
  command: (run: string) => ClientCommand,
  takes: { readonly ended: boolean } = { ended: false },
): Promise<number> {
  const run = await withClient(call, async (client) => {
    const head = await findRun(client, call.must(0))
    if (!takes.ended && isEnded(head.status))
      throw new CatenaryError(
        'RUN_ENDED',
        `run ${head.run} has ended as ${head.status}: nothing can be done to it`,
      )
    const reply = await ask(client, call.clock, command(head.run), { timeout: timeoutOf(call) })
    return reply.run
  })
  call.terminal.out(call.json ? jsonText({ run, done }) : `${done} run ${run}\n`)
  return exit.ok
}

/** Nobody answers where nobody is: the command is then left without waiting. */
export function timeoutOf(call: Call): number {
  const given = call.option('wait') ?? '5s'
  const wait = toMs((given === '0' ? '0ms' : given) as '5s', '--wait')
  const { alive } = executorOf(storeFile(call))
  if (call.option('wait') === undefined && !alive) return 0
  // none at all says that nobody is there
  return alive ? Math.max(1, wait) : wait
}
