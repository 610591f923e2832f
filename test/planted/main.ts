// `npm run planted -- [--only <name>]... [--by <proof>] [--list] [--sound] [--types]`: plants known bugs one by one into a copy of the
// sources, and says which proof finds each, after how much; exits with 1 where one is not found.

import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Bug, plant, problemOf } from './bug.ts'
import { bugs } from './bugs.ts'
import { copySources } from './copy.ts'
import { type Found, amountOf, hunts, isProof, type ProofName, prove } from './proofs.ts'

const usage = `npm run planted -- [options]

Plants known bugs, one by one, into a copy of the sources, and tries the proofs that are to find each.

  --only <name>   only this one; may be given several times
  --by <proof>    by this proof instead of by its own; may be given several times
  --list          says which there are, and what is to find each; plants nothing
  --types         plants all of them at once, and checks types; proves nothing
  --sound         tries all of the proofs with nothing planted: they must find nothing
  --help          this

Exits with 1 where a bug is not found, and with 2 where one cannot be planted.`

const root = resolve(import.meta.dirname, '../..')
const say = (line: string): void => console.log(line)

interface Outcome extends Found {
  readonly by: ProofName
  readonly seconds: number
}

async function find(bug: Bug, copy: string): Promise<readonly Outcome[]> {
  const takeOut = plant(bug, copy)
  const tried: Outcome[] = []
  try {
    for (const by of bug.proofs) {
      const begun = performance.now()
      const outcome = await prove(by, copy)
      tried.push({ ...outcome, by, seconds: (performance.now() - begun) / 1000 })
      if (outcome.found) break
    }
  } finally {
    takeOut()
  }
  return tried
}

/** A row of a table that a page can take as it is. */
function row(bug: Bug, tried: readonly Outcome[]): string {
  const seconds = tried.reduce((sum, one) => sum + one.seconds, 0).toFixed(0)
  const found = tried.find((one) => one.found)
  const missed = tried.filter((one) => !one.found).map(({ by, after }) => `${amountOf(by, after)} of ${by}`)
  const by = found === undefined ? 'NOTHING' : told(found.by)
  const after = found === undefined ? missed.join(', ') : amountOf(found.by, found.after)
  const also = found === undefined || missed.length === 0 ? '' : ` (not by ${missed.join(', ')})`
  return `| \`${bug.name}\`: ${bug.is} | ${by}${also} | ${after} | ${seconds} |`
}

const told = (proof: ProofName): string => (proof.startsWith('test/') ? `\`${proof}\`` : proof)

async function findAll(chosen: readonly Bug[]): Promise<number> {
  using copy = copySources(root)
  const begun = performance.now()
  let missed = 0
  say('| bug | found by | after | seconds |')
  say('|---|---|---|---|')
  for (const bug of chosen) {
    const tried = await find(bug, copy.root)
    const found = tried.find((one) => one.found)
    if (found === undefined) missed++
    say(row(bug, tried))
    console.error(`    ${found?.said ?? 'nothing found it'}`)
  }
  say(`\n${chosen.length - missed} found, ${missed} not found, in ${since(begun)} s`)
  return missed === 0 ? 0 : 1
}

async function findNothing(): Promise<number> {
  using copy = copySources(root)
  let wrong = 0
  for (const proof of new Set(bugs.flatMap(({ proofs }) => proofs))) {
    const begun = performance.now()
    const { found, after, said } = await prove(proof, copy.root)
    if (found) wrong++
    say(`${proof}: ${amountOf(proof, after)} in ${since(begun)} s, ${found ? said : 'nothing found'}`)
  }
  return wrong === 0 ? 0 : 1
}

function checkTypes(chosen: readonly Bug[]): number {
  using copy = copySources(root)
  for (const bug of chosen) plant(bug, copy.root)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [tsc], { cwd: copy.root, stdio: 'inherit' }).status ?? 1
}

const since = (begun: number): string => ((performance.now() - begun) / 1000).toFixed(0)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      by: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      sound: { type: 'boolean', default: false },
      types: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(usage)
    return 0
  }
  const unknown = values.only.filter((name) => !bugs.some((bug) => bug.name === name))
  if (unknown.length > 0) {
    console.error(`there is no planted bug ${unknown.join(', ')}: see npm run planted -- --list`)
    return 2
  }
  const [first, ...others] = values.by
  if (values.by.some((proof) => !isProof(proof))) {
    console.error(`a proof is one of ${Object.keys(hunts).join(', ')}, or a path below test/`)
    return 2
  }
  const by = first === undefined ? undefined : ([first, ...others] as Bug['proofs'])
  const named = values.only.length === 0 ? bugs : bugs.filter(({ name }) => values.only.includes(name))
  const chosen = named.map((bug) => (by === undefined ? bug : { ...bug, proofs: by }))
  if (values.list) {
    for (const { name, is, file, proofs } of chosen) say(`${name}\n  ${is}\n  ${file}; ${proofs.join(', ')}`)
    return 0
  }
  const problems = chosen.flatMap((bug) => problemOf(bug, root) ?? [])
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return 2
  if (values.types) return checkTypes(chosen)
  return values.sound ? findNothing() : findAll(chosen)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
process.exitCode = await main()
