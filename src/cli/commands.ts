// Every command, in the order in which the help lists them.

import type { Command } from './command.ts'
import { act, undo } from './actions.ts'
import { ask } from './ask.ts'
import { apply, dismiss } from './suggestions.ts'
import { backfill } from './backfill.ts'
import { check } from './check.ts'
import { compare } from './compare.ts'
import { cancel, fork, pause, resume, retry } from './control.ts'
import { doctor } from './doctor.ts'
import { graph } from './graph.ts'
import { inbox } from './inbox.ts'
import { inspect } from './inspect.ts'
import { list } from './list.ts'
import { report } from './report.ts'
import { run } from './run.ts'
import { schedules } from './schedules.ts'
import { signal } from './signal.ts'
import { status } from './status.ts'
import { tail } from './tail.ts'
import { waiting } from './waiting.ts'
import { why } from './why.ts'

export const commands: readonly Command[] = [
  run,
  list,
  status,
  why,
  tail,
  waiting,
  signal,
  ask,
  cancel,
  pause,
  resume,
  retry,
  fork,
  schedules,
  backfill,
  inbox,
  report,
  compare,
  apply,
  dismiss,
  act,
  undo,
  inspect,
  graph,
  check,
  doctor,
]
