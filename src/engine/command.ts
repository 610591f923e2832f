// What another process may ask of the executor, and what it is answered, as they lie in the store's inbox.

import type { Payload, RunTick } from '../journal/event.ts'
import { CatenaryError, type ErrorCode } from '../kernel/errors.ts'

/** A command for the executor; payloads are as the codec writes them. */
export type ClientCommand =
  | {
      readonly do: 'signal'
      readonly run: string
      readonly name: string
      /** The same id is delivered once. */
      readonly id: string
      readonly payload?: Payload
      /** Refused where the step that takes it gives no reply. */
      readonly asks?: boolean
    }
  | {
      readonly do: 'send'
      readonly run: string
      /** For a user's own machine. */
      readonly event: Payload
      /** The same id is delivered once. */
      readonly id: string
      readonly to?: string
    }
  | { readonly do: 'cancel'; readonly run: string; readonly reason?: string }
  | { readonly do: 'pause'; readonly run: string }
  | { readonly do: 'resume'; readonly run: string }
  | {
      readonly do: 'fork'
      readonly run: string
      /** The id of the run to be. */
      readonly as: string
      readonly seq?: number
      /** Milliseconds since the epoch. */
      readonly time?: number
      readonly chain?: string
      readonly step?: string
    }
  | { readonly do: 'retry'; readonly run: string; readonly chain?: string; readonly step?: string }
  | {
      readonly do: 'schedule'
      /** The schedule's name: `schedule/<chain>/<id>`. */
      readonly run: string
      readonly act: ScheduleAct
      /** The same id triggers once. */
      readonly id: string
    }
  | {
      readonly do: 'signal-or-start'
      readonly run: string
      readonly chain: string | readonly string[]
      readonly input?: Payload
      readonly priority?: number
      readonly deadline?: number
      readonly attributes?: Readonly<Record<string, string | number | boolean>>
      readonly name: string
      /** Of the signal: the same id is delivered once. */
      readonly id: string
      readonly payload?: Payload
    }
  | {
      readonly do: 'start'
      /** The id of the run to be: the same id gives the same run. */
      readonly run: string
      /** A chain's id, or those of several that share the input. */
      readonly chain: string | readonly string[]
      readonly input?: Payload
      readonly priority?: number
      /** When the run must have ended (ms since the epoch). */
      readonly deadline?: number
      readonly attributes?: Readonly<Record<string, string | number | boolean>>
      /** What a backfill starts it for. */
      readonly tick?: RunTick
    }

/** What may be done with a schedule; `trigger` starts a run of it now. */
export type ScheduleAct = 'pause' | 'resume' | 'trigger'

const scheduleActs: readonly unknown[] = ['pause', 'resume', 'trigger'] satisfies ScheduleAct[]

/** What came of a command. */
export type ClientReply =
  | { readonly ok: true; readonly run: string }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      /** Not the last word: the command stays in the inbox for an executor that can judge it. */
      readonly kept?: true
    }

const texts: Readonly<Record<ClientCommand['do'], readonly string[]>> = {
  signal: ['run', 'name', 'id'],
  cancel: ['run'],
  pause: ['run'],
  resume: ['run'],
  retry: ['run'],
  fork: ['run', 'as'],
  start: ['run'],
  schedule: ['run', 'act', 'id'],
  'signal-or-start': ['run', 'name', 'id'],
  send: ['run', 'event', 'id'],
}

/** The command in an inbox entry, whoever wrote it; refused where it is none. */
export function readCommand(body: string): ClientCommand {
  const refuse = (problem: string): never => {
    throw new CatenaryError(
      'BAD_OPTION',
      `a command in the inbox ${problem}: post what this release understands`,
    )
  }
  let given: unknown
  try {
    given = JSON.parse(body)
  } catch {
    return refuse('is not JSON')
  }
  if (typeof given !== 'object' || given === null) return refuse('is not an object')
  const fields = given as Readonly<Record<string, unknown>>
  const needed = texts[fields['do'] as ClientCommand['do']] as readonly string[] | undefined
  if (needed === undefined) return refuse(`asks for ${JSON.stringify(fields['do'])}`)
  for (const name of needed) if (typeof fields[name] !== 'string') refuse(`has no ${name}`)
  if ((fields['do'] === 'start' || fields['do'] === 'signal-or-start') && !isTexts(fields['chain']))
    refuse('has no chain')
  if (fields['do'] === 'schedule' && !scheduleActs.includes(fields['act']))
    refuse(`asks a schedule to ${JSON.stringify(fields['act'])}`)
  for (const name of ['payload', 'input', 'reason', 'to', 'step'])
    if (fields[name] !== undefined && typeof fields[name] !== 'string')
      refuse(`has a ${name} that is no text`)
  return given as ClientCommand
}

function isTexts(given: unknown): boolean {
  if (!Array.isArray(given)) return typeof given === 'string'
  return given.length > 0 && given.every((one) => typeof one === 'string')
}
