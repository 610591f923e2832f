// `catenary doctor`: whether this machine and this store are fit for durable runs, measured where it can be.

import { type Finding, diskFindings, platformFindings } from './fitness.ts'
import type { Command } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import { storeFile, storeOption } from './open-store.ts'
import { storeFindings } from './store-fitness.ts'

const marks = { ok: ['✓', 'green'], note: ['!', 'yellow'], bad: ['✗', 'red'] } as const

export const doctor: Command = {
  name: 'doctor',
  says: 'are this machine and the store fit?',
  words: [],
  options: storeOption,
  more: `Looks at Node, SQLite, the file system, how long a write takes to reach the disk,
who has the store, its schema and its log. Exit code 1 where something is wrong.`,
  async run(call) {
    const file = storeFile(call)
    const findings: Finding[] = [
      ...platformFindings(),
      ...diskFindings(file, call.clock),
      ...(await storeFindings(file)),
    ]
    const { paint } = call.terminal
    if (call.json) call.terminal.out(jsonText({ store: file, findings }))
    else {
      const width = Math.max(...findings.map(({ what }) => what.length))
      for (const { state, what, value, advice } of findings) {
        const [mark, style] = marks[state]
        call.terminal.out(`${paint(style, mark)} ${what.padEnd(width)}  ${value}\n`)
        if (advice !== undefined) call.terminal.out(`  ${' '.repeat(width)}  ${advice}\n`)
      }
    }
    return findings.some(({ state }) => state === 'bad') ? exit.failed : exit.ok
  },
}
