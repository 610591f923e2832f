// What `catenary run` was asked to do, and how it says what came of it.

import { formatMs } from '../kernel/duration.ts'
import type { RunTimeline } from '../observe/timeline.ts'
import type { Call } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import type { Loaded, LoadedChain } from './load-module.ts'
import { outputOf, runJson } from './run-json.ts'
import { failuresOf, failuresText } from './run-report.ts'
import { paintStatus } from './show.ts'

export interface Errand {
  readonly call: Call
  readonly loaded: Loaded
  readonly chain: LoadedChain
  readonly input: unknown
  readonly file: string
  /** By which the same line finds its run again. */
  readonly attributes: Readonly<Record<string, string>>
  readonly id: string | undefined
  /** Whether an unfinished run of the same line is gone on with. */
  readonly again: boolean
  readonly concurrency: number | undefined
}

/** Prints how the run ended, or where it stands; @returns the exit code. */
export function reportEnd({ call }: Errand, timeline: RunTimeline): number {
  const { terminal, clock } = call
  const { state } = timeline
  const status = state.ended?.status ?? state.parked?.reason ?? 'running'
  const code = status === 'succeeded' ? exit.ok : exit.failed
  if (call.json) {
    terminal.out(jsonText(runJson(timeline, status, clock.now())))
    return code
  }
  const took = formatMs((state.ended?.at ?? clock.now()) - state.acceptedAt)
  terminal.err(`run ${state.run} ${paintStatus(terminal.paintErr, status)} after ${took}\n`)
  terminal.err(failuresText(failuresOf(timeline)))
  if (state.parked !== undefined) terminal.err(`${state.parked.detail}; to go on: ${state.parked.cure}\n`)
  if (state.ended?.status === 'succeeded') {
    const output = outputOf(state)
    if (output !== undefined) terminal.out(jsonText(output))
  }
  return code
}

/** Says something about the run while it goes; not where another program reads. */
export function remark({ call }: Errand, text: string): void {
  if (!call.json) call.terminal.err(`${text}\n`)
}
