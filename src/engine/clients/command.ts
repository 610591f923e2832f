// What another process may ask of the executor, and what it is answered, as they lie in the store's inbox.

import type { Payload, RunTick } from '../../journal/event.ts'
import { CatenaryError, type ErrorCode } from '../../kernel/errors.ts'

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
      /** To be told in the journal before what it announces is asked for. */
      readonly do: 'audit'
      /** Of which run, or other thing. */
      readonly run: string
      readonly command: string
      readonly by: string
    }
  | {
      readonly do: 'suggestion'
      /** The suggestion's id. */
      readonly run: string
      readonly act: SuggestionAct
      /** Why it is dismissed. */
      readonly reason?: string
    }
  | {
      readonly do: 'action'
      /** The action's id. */
      readonly run: string
      readonly act: ActionAct
      /** Why it is taken back or dismissed. */
      readonly reason?: string
    }
  | ({
      readonly do: 'signal-or-start'
      readonly name: string
      /** Of the signal: the same id is delivered once. */
      readonly id: string
      readonly payload?: Payload
    } & Beginning)
  | ({
      readonly do: 'start'
      /** What a backfill starts it for. */
      readonly tick?: RunTick
    } & Beginning)

/** A run to be. */
interface Beginning {
  /** Its id: the same id gives the same run. */
  readonly run: string
  /** A chain's id, or those of several that share the input. */
  readonly chain: string | readonly string[]
  readonly input?: Payload
  readonly priority?: number
  /** When the run must have ended (ms since the epoch). */
  readonly deadline?: number
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

/** What may be done with a schedule; `trigger` starts a run of it now. */
export type ScheduleAct = 'pause' | 'resume' | 'trigger'

/** What may be done with a suggestion; `apply` puts it into the config without a trial. */
export type SuggestionAct = 'try' | 'apply' | 'dismiss'

/** What may be done with an action of the analyzer. */
export type ActionAct = 'act' | 'undo' | 'dismiss'

const scheduleActs: readonly unknown[] = ['pause', 'resume', 'trigger'] satisfies ScheduleAct[]
const suggestionActs: readonly unknown[] = ['try', 'apply', 'dismiss'] satisfies SuggestionAct[]
const actionActs: readonly unknown[] = ['act', 'undo', 'dismiss'] satisfies ActionAct[]

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

const needed: ReadonlyMap<unknown, readonly string[]> = new Map(
  Object.entries({
    signal: ['run', 'name', 'id'],
    cancel: ['run'],
    pause: ['run'],
    resume: ['run'],
    retry: ['run'],
    fork: ['run', 'as'],
    start: ['run', 'chain'],
    schedule: ['run', 'act', 'id'],
    suggestion: ['run', 'act'],
    action: ['run', 'act'],
    audit: ['run', 'command', 'by'],
    'signal-or-start': ['run', 'chain', 'name', 'id'],
    send: ['run', 'event', 'id'],
  } satisfies Record<ClientCommand['do'], readonly string[]>),
)

const isNumber = (given: unknown): boolean => typeof given === 'number' && Number.isFinite(given)
const isObject = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
const isTexts = (given: unknown): boolean =>
  Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === 'string')
const isInterval = (given: unknown): boolean =>
  isObject(given) && isNumber(given['from']) && isNumber(given['to'])
const isTick = (given: unknown): boolean =>
  isObject(given) &&
  isNumber(given['scheduledAt']) &&
  (given['window'] === undefined || isInterval(given['window']))

/** Fields that are no text. */
const forms: Readonly<Record<string, readonly [what: string, fits: (given: unknown) => boolean]>> = {
  asks: ['true or false', (given) => typeof given === 'boolean'],
  seq: ['a whole number', (given) => Number.isSafeInteger(given)],
  time: ['a time in ms', (given) => isNumber(given) && !Number.isNaN(new Date(given as number).getTime())],
  priority: ['a finite number', isNumber],
  deadline: ['a time in ms', isNumber],
  attributes: ['an object', isObject],
  tick: ['a tick', isTick],
}
const texts = [
  'run',
  'name',
  'id',
  'payload',
  'event',
  'to',
  'reason',
  'as',
  'chain',
  'step',
  'input',
  'command',
  'by',
] as const

/** The command in an inbox entry, whoever wrote it; refused where it is none. */
export function readCommand(body: string): ClientCommand {
  const refuse = (problem: string): never => {
    throw new CatenaryError(
      'BAD_OPTION',
      `a command in the inbox ${problem}: post what this release understands`,
    )
  }
  let fields: unknown
  try {
    fields = JSON.parse(body)
  } catch {
    return refuse('is not JSON')
  }
  if (!isObject(fields)) return refuse('is not an object')
  const what = fields['do']
  for (const name of needed.get(what) ?? refuse(`asks for ${JSON.stringify(what)}`))
    if (fields[name] === undefined) refuse(`has no ${name}`)
  for (const name of texts) {
    const given = fields[name]
    if (given === undefined || typeof given === 'string') continue
    const isList = name === 'chain' && (what === 'start' || what === 'signal-or-start') && isTexts(given)
    if (!isList) refuse(`has a ${name} that is no text`)
  }
  for (const [name, [form, fits]] of Object.entries(forms))
    if (fields[name] !== undefined && !fits(fields[name])) refuse(`has a ${name} that is not ${form}`)
  if (what === 'schedule' && !scheduleActs.includes(fields['act']))
    refuse('has an act that is not one of pause, resume and trigger')
  if (what === 'suggestion' && !suggestionActs.includes(fields['act']))
    refuse('has an act that is not one of try, apply and dismiss')
  if (what === 'action' && !actionActs.includes(fields['act']))
    refuse('has an act that is not one of act, undo and dismiss')
  return fields as unknown as ClientCommand
}
