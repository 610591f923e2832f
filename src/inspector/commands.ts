// Does what a person asks for in the inspector, through the supervisor and after the journal has told of it.

import { CatenaryError } from '../kernel/errors.ts'
import type { Supervisor } from '../engine/supervisor.ts'
import type { Run } from '../engine/runs/run.ts'
import type { Command, CommandReply } from './protocol.ts'
import { Refusal } from './answers.ts'
import type { Source } from './source.ts'

type AboutRun = Extract<Command, { readonly run: string }>

/** What came of it; rejects where there is no supervisor to ask. */
export async function perform(source: Source, command: Command): Promise<CommandReply> {
  const { supervisor } = source
  if (supervisor === undefined)
    throw new Refusal(
      403,
      'READ_ONLY',
      'this inspector reads a store beside its process, and commands nothing',
    )
  try {
    const work = await prepare(supervisor, command)
    const of = 'run' in command ? command.run : 'suggestion' in command ? command.suggestion : command.action
    await source.audit({ command: command.do, of, by: 'inspector' })
    await work()
    return { ok: true, seq: await source.reader().lastSeq() }
  } catch (error) {
    if (!CatenaryError.is(error)) throw error
    return { ok: false, code: error.code, message: error.message }
  }
}

/** All that can be refused before anything is recorded. */
async function prepare(supervisor: Supervisor, command: Command): Promise<() => Promise<unknown>> {
  if ('suggestion' in command) {
    const { suggestion } = command
    const { reflector } = supervisor
    if (command.do === 'apply') return async () => reflector.apply(suggestion)
    return async () => reflector.dismiss(suggestion)
  }
  if ('action' in command) {
    const { action } = command
    const { analyzer } = supervisor
    return async () => analyzer[command.do](action)
  }
  const run = await supervisor.get(command.run)
  if (run === undefined)
    throw new CatenaryError('RUN_UNKNOWN', `there is no run ${command.run} in this store`)
  return async () => tell(run, command)
}

async function tell(run: Run<unknown, { readonly type: string }>, command: AboutRun): Promise<void> {
  switch (command.do) {
    case 'signal':
      return run.signal(command.name, command.payload, { id: command.id })
    case 'send': {
      const to = command.to === undefined ? {} : { to: command.to }
      return run.send(command.event as { readonly type: string }, { id: command.id, ...to })
    }
    case 'pause':
      return run.pause()
    case 'resume':
      return run.resume()
    case 'cancel':
      return run.cancel(command.reason)
    case 'retry':
      return run.retry(command.from === undefined ? {} : { from: command.from as never })
  }
}
