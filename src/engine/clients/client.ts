// The client's side of the inbox: leaves a command for the executor, and waits for what came of it.

import type { StoreClient } from '../../journal/store.ts'
import type { Clock } from '../../kernel/clock.ts'
import { formatMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { ClientCommand, ClientReply } from './command.ts'
import { createPoll, type Poll } from './poll.ts'

export interface AskOptions {
  /** How long to wait for the answer (ms); 0 not at all. Default 5,000. */
  readonly timeout?: number
  /** Looks for the answer; default one for this command alone. */
  readonly poll?: Poll
}

/**
 * Leaves a command, durably, and resolves once the executor has carried it out. Rejects with what it answered; with
 * COMMAND_KEPT where the executor that is there cannot judge it; with EXECUTOR_ABSENT where none answered in time. In
 * both of these the command stays where it is.
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
  { timeout = 5_000, poll = createPoll(clock) }: AskOptions = {},
): Promise<{ readonly run: string }> {
  const id = await client.post(JSON.stringify(command), clock.now())
  let kept: string | undefined
  const left = `the ${command.do} was left in the inbox (entry ${id})`
  const because = (): CatenaryError => {
    if (kept !== undefined) return new CatenaryError('COMMAND_KEPT', `${left} and stays there: ${kept}`)
    const who =
      timeout === 0 ? 'no executor has the store open' : `no executor answered within ${formatMs(timeout)}`
    const message = `${who}; ${left} and will be carried out when an executor opens the store`
    return new CatenaryError('EXECUTOR_ABSENT', message)
  }
  if (timeout === 0) throw because()
  return poll.until(
    async () => {
      const text = await client.reply(id)
      if (text === undefined) return undefined
      const reply = JSON.parse(text) as ClientReply
      if (reply.ok) return { run: reply.run }
      if (reply.kept !== true) throw new CatenaryError(reply.code, reply.message)
      kept = reply.message
      return undefined
    },
    { within: timeout, because },
  )
}
