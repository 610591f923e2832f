// The exit codes of the command, and which errors end in which.

import { CatenaryError, type ErrorCode } from '../kernel/errors.ts'

/** What the command tells the shell; part of its contract. */
export const exit = {
  /** Done, and all is well. */
  ok: 0,
  /** The run failed, was cancelled or is parked; a check found something. */
  failed: 1,
  /** The line that was typed, the module or the input cannot be used. */
  usage: 2,
  /** The store cannot be used. */
  store: 3,
  /** Left in the inbox, as no executor has carried it out yet; or no reply has come yet. */
  unanswered: 4,
  /** Ended by Ctrl-C or SIGTERM; what had not ended goes on at the next start. */
  interrupted: 130,
} as const

const usage: ReadonlySet<ErrorCode> = new Set([
  'BAD_DEFINITION',
  'BAD_DURATION',
  'BAD_MODULE',
  'BAD_OPTION',
  'CHAIN_UNKNOWN',
  'COMMAND_DROPPED',
  'EXECUTOR_ONLY',
  'INPUT_INVALID',
  'PAYLOAD_NOT_SERIALISABLE',
  'PAYLOAD_TOO_LARGE',
  'REPLY_ABSENT',
  'RUN_ENDED',
  'RUN_NOT_RETRYABLE',
  'RUN_UNKNOWN',
  'SCHEDULE_UNKNOWN',
  'PATCH_REFUSED',
  'QUARANTINED',
  'SUGGESTION_REFUSED',
  'SUGGESTION_UNKNOWN',
  'SIGNAL_INVALID',
  'SIGNAL_UNKNOWN',
  'VALIDATION_TIMEOUT',
  'STEP_UNKNOWN',
])

const unanswered: ReadonlySet<ErrorCode> = new Set(['COMMAND_KEPT', 'EXECUTOR_ABSENT', 'REPLY_LATE'])

/** The exit code for whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (!CatenaryError.is(error)) return exit.failed
  if (error.code.startsWith('STORE_')) return exit.store
  if (unanswered.has(error.code)) return exit.unanswered
  return usage.has(error.code) ? exit.usage : exit.failed
}

/** A line that was not typed as the command expects. */
export function usageError(problem: string): CatenaryError {
  return new CatenaryError('BAD_OPTION', problem)
}
