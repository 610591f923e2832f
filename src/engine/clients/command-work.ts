// What a command about a run does to it, once it was checked: a turn's work.

import type { CatenaryError } from '../../kernel/errors.ts'
import type { ClientCommand } from './command.ts'
import { guestTarget } from '../guests/guest-target.ts'
import type { LiveRun } from '../runs/live-run.ts'
import { refuseParked } from '../refusals.ts'
import type { RetryFrom } from '../rewind/retry-from.ts'

export type Starting = Extract<ClientCommand, { do: 'start' | 'signal-or-start' }>
export type AboutRun = Exclude<
  ClientCommand,
  Starting | { do: 'schedule' | 'retry' | 'fork' | 'audit' | 'suggestion' | 'action' }
>
export type Told = Extract<AboutRun, { do: 'signal' | 'send' }>

export interface SentEvent {
  readonly type: string
}

/** Checked, and ready to be done. */
export type Ready =
  | Exclude<AboutRun, { do: 'send' }>
  | (Extract<AboutRun, { do: 'send' }> & { readonly decoded: SentEvent })

export function fromOf({
  chain,
  step,
}: {
  readonly chain?: string
  readonly step?: string
}): RetryFrom | undefined {
  if (chain === undefined) return step
  return { chain, ...(step === undefined ? {} : { step }) }
}

/** What the turn is to do; refuses before it, as a turn that was begun answers. */
export function workOf(live: LiveRun, command: Ready): () => void {
  switch (command.do) {
    case 'signal':
      return () => live.signal(command.name, command.id, command.payload)
    case 'send': {
      const to = guestTarget(live, command.to)
      return () => live.send(to, command.decoded, command.event, command.id)
    }
    case 'cancel':
      return () => live.cancel(command.reason)
    case 'pause':
      return () => live.pause()
    case 'resume':
      refuseParked(live.state)
      return () => live.resume()
  }
}

/** What befell the engine or its store: the command stays where it is. Anything else is told to who sent it. */
export function isOurs({ code }: CatenaryError): boolean {
  return code === 'SUPERVISOR_STOPPED' || code.startsWith('STORE_')
}
