// `catenary why`: what a run waits for, in sentences.

import { awaitedOf, explain, readTimeline } from '../engine/explain.ts'
import type { RunHead } from '../journal/store.ts'
import { executorOf } from '../sqlite/executor-of.ts'
import type { Call, Command } from './command.ts'
import { exit } from './exit.ts'
import { findRun } from './find-run.ts'
import { jsonText } from './json.ts'
import { storeFile, storeOption, withReader } from './open-store.ts'
import { isEnded } from './show.ts'

export const why: Command = {
  name: 'why',
  says: 'say what a run waits for, and since when',
  words: ['<run>'],
  options: storeOption,
  async run(call) {
    const { head, explanation } = await withReader(call, async (reader) => {
      const found = await findRun(reader, call.must(0))
      const timeline = await readTimeline(reader, found.run)
      return { head: found, explanation: explain(timeline, awaitedOf(found), call.clock.now()) }
    })
    const orphaned = isOrphaned(call, head)
    if (call.json) {
      const { sentence, causes } = explanation
      call.terminal.out(
        jsonText({ run: head.run, status: head.status, executor: !orphaned, sentence, causes }),
      )
      return exit.ok
    }
    call.terminal.out(`${explanation.sentence.replaceAll('; ', ';\n')}\n`)
    if (orphaned) call.terminal.out(`${noExecutor}\n`)
    return exit.ok
  },
}

export const noExecutor =
  'No process executes the store: nothing moves until one opens it, such as `catenary run`.'

/** Whether a run that has not ended has nobody to move it. */
export function isOrphaned(call: Call, { status }: RunHead): boolean {
  return !isEnded(status) && !executorOf(storeFile(call)).alive
}
