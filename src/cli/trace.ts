// `catenary trace`: writes a run into one file, from which a test replays it.

import { writeFileSync } from 'node:fs'
import { traceRun } from '../observe/trace-run.ts'
import { traceText } from '../observe/trace.ts'
import { inWords } from '../kernel/failure.ts'
import type { Command } from './command.ts'
import { exit, usageError } from './exit.ts'
import { findRun } from './find-run.ts'
import { jsonText } from './json.ts'
import { storeOption, withReader } from './open-store.ts'
import { printable } from './printable.ts'

export const trace: Command = {
  name: 'trace',
  says: 'write a run into a file that a test can replay',
  words: ['<run>'],
  options: {
    ...storeOption,
    out: { value: 'FILE', says: 'write it there, such as incident.trace.json; default print it' },
    secrets: { says: 'leave values as they are; default what looks like a secret is left out' },
  },
  more: `\`harness.fromTrace('incident.trace.json', chain)\` of catenary/testing replays it.
The file holds what steps returned and how they failed: look at it before you
give it away.`,
  async run(call) {
    const found = await withReader(call, async (reader) => {
      const { run } = await findRun(reader, call.must(0))
      return traceRun(reader, run, { secrets: call.has('secrets') })
    })
    const file = call.option('out')
    const { terminal } = call
    if (file === undefined) {
      terminal.out(traceText(found))
      return exit.ok
    }
    try {
      writeFileSync(file, traceText(found))
    } catch (cause) {
      throw usageError(`--out cannot write ${file} (${inWords(cause)}): give another path`)
    }
    const { run, redacted, events } = found
    if (call.json) terminal.out(jsonText({ run, file, events: events.length, redacted }))
    else
      terminal.out(
        `${printable(file)}: run ${printable(run)}, ${events.length} events, ${redacted} values left out as secrets\n`,
      )
    return exit.ok
  },
}
