// How often the reflector cries wolf: 1,000 clean histories. `npm run bench:reflect`, `-- --histories 5000`, `-- --json`

import { parseArgs } from 'node:util'
import { suggest } from '../../src/reflection/suggest.ts'
import { clopperPearson } from '../../src/statistics/proportion.ts'
import { cleanHistory, families } from './clean.ts'

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
})
const histories = Number(values.histories)
const wrong = new Map<string, number>(families.map((family) => [family, 0]))
const said: string[] = []

for (let seed = 1; seed <= histories; seed++) {
  const { family, ...evidence } = cleanHistory(seed)
  const found = suggest(evidence)
  if (found.length === 0) continue
  wrong.set(family, (wrong.get(family) ?? 0) + 1)
  said.push(...found.map(({ kind, sentence }) => `seed ${seed}, ${family}: ${kind}: ${sentence}`))
}

const total = [...wrong.values()].reduce((sum, count) => sum + count, 0)
const bound = clopperPearson(total, histories)?.high ?? 1
const met = bound <= 0.05
if (values.json) console.log(JSON.stringify({ histories, wrong: total, bound, met, said }, undefined, 2))
else {
  for (const [family, count] of wrong) console.log(`${String(count).padStart(5)}  ${family}`)
  for (const line of said) console.log(line)
  console.log(
    `${total} of ${histories} clean histories have a suggestion: at most ${(bound * 100).toFixed(2)} % do (95 %); the bar is 5 %: ${met ? 'met' : 'missed'}`,
  )
}
if (!met) process.exitCode = 1
