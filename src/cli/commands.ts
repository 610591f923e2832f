// Every command, grouped and ordered as the help lists them.

import type { Command } from './command.ts'
import { act, undo } from './actions.ts'
import { ask } from './ask.ts'
import { apply, dismiss } from './suggestions.ts'
import { backfill } from './backfill.ts'
import { check } from './check.ts'
import { compare } from './compare.ts'
import { coverage } from './coverage.ts'
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
import { trace } from './trace.ts'
import { waiting } from './waiting.ts'
import { why } from './why.ts'

export interface CommandGroup {
  readonly title: string
  readonly commands: readonly Command[]
}

export const groups: readonly CommandGroup[] = [
  { title: 'Run and look', commands: [run, list, status, why, tail, trace, inspect] },
  { title: 'Answer what waits', commands: [waiting, signal, ask] },
  { title: 'Change what runs', commands: [pause, resume, cancel, retry, fork, inbox] },
  { title: 'Over time', commands: [schedules, backfill] },
  {
    title: 'How it does, and what would be better',
    commands: [report, act, undo, apply, dismiss, compare],
  },
  { title: 'Before a deployment', commands: [coverage, check, graph, doctor] },
]

export const commands: readonly Command[] = groups.flatMap((group) => group.commands)
