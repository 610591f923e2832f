// The client's side of the inbox: leaves a command for the executor, and waits for what came of it.

import type { StoreClient } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import { formatMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import type { ClientCommand, ClientReply } from './command.ts'

export interface AskOptions {
  /** How long to wait for the answer (ms); 0 not at all. Default 5,000. */
  readonly timeout?: number
}

const firstLook = 10
const longestLook = 200

/**
 * Leaves a command, durably, and resolves once the executor has carried it out. Rejects with what it answered, or
 * with EXECUTOR_ABSENT where no answer came in time: the command then stays where it is.
 *
 * @example
 * ```ts
 * await ask(openSqliteClient('app.db'), systemClock, { do: 'cancel', run })
 * ```
 */
export async function ask(
  client: StoreClient,
  clock: Clock,
  command: ClientCommand,
  { timeout = 5_000 }: AskOptions = {},
): Promise<{ readonly run: string }> {
  const id = await client.post(JSON.stringify(command), clock.now())
  const end = clock.monotonic() + timeout
  let kept: string | undefined
  let wait = firstLook
  for (;;) {
    const text = await client.reply(id)
    if (text !== undefined) {
      const reply = JSON.parse(text) as ClientReply
      if (reply.ok) return { run: reply.run }
      if (reply.kept !== true) throw new CatenaryError(reply.code, reply.message)
      kept = reply.message
    }
    const left = end - clock.monotonic()
    if (left <= 0) break
    await new Promise<void>((resolve) => void clock.at(clock.now() + Math.min(wait, left), resolve))
    wait = Math.min(longestLook, wait * 2)
  }
  if (kept !== undefined)
    throw new CatenaryError('COMMAND_KEPT', `the ${command.do} stays in the inbox (entry ${id}): ${kept}`)
  throw new CatenaryError(
    'EXECUTOR_ABSENT',
    `no executor ${timeout === 0 ? 'has the store open' : `answered within ${formatMs(timeout)}`}; the ${command.do} was left in the inbox (entry ${id}) and will be carried out when an executor opens the store`,
  )
}
