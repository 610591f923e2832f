// `npm run restarts -- [--restarts 20] [--kill-every 4] [--keep]`: rolling restarts under load, audited from outside.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rollRestarts, summary } from './restarts.ts'

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '20' },
    'kill-every': { type: 'string', default: '4' },
    keep: { type: 'boolean', default: false },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'catenary-restarts-'))
const report = await rollRestarts({
  folder,
  restarts: Number(values.restarts),
  killEvery: Number(values['kill-every']),
  tell: (line) => console.log(line),
})
for (const line of summary(report)) console.log(line)
for (const problem of report.problems.slice(0, 20)) console.log(`  ${problem}`)
const slow = report.handOvers.some(({ took }) => took >= 2_000)
if (slow) console.log('a hand-over took 2 s or longer')
if (values.keep || report.problems.length > 0) console.log(`left in ${folder}`)
else rmSync(folder, { recursive: true, force: true })
process.exitCode = report.problems.length === 0 && !slow ? 0 : 1
