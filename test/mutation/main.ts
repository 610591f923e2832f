// `npm run mutate -- [--only machines,kernel] [--files GLOB] [--force]`: changes the code of pure folders in every small way,
// and prints which changes no test notices.

import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { type Group, groups } from './groups.ts'

const root = dirname(dirname(import.meta.dirname))
type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number]

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    files: { type: 'string', multiple: true },
    force: { type: 'boolean', default: false },
  },
})

async function mutate(name: string, { mutate: files, tests, without = [], slow }: Group): Promise<Mutant[]> {
  const kept = join(root, '.mutation')
  mkdirSync(kept, { recursive: true })
  const ownOption = {
    catenaryTests: globSync([...tests], { cwd: root, exclude: [...without] }).toSorted(),
    catenarySlow: slow?.source,
  }
  return new Stryker({
    ...ownOption,
    mutate: [...(values.files ?? files)],
    plugins: [join(import.meta.dirname, 'runner.ts')],
    testRunner: 'in-process',
    ignorers: ['without-effect'],
    coverageAnalysis: 'perTest',
    concurrency: 2,
    // each module that is loaded anew stays in memory
    maxTestRunnerReuse: 250,
    timeoutMS: 20_000,
    dryRunTimeoutMinutes: 30,
    incremental: values.files === undefined,
    incrementalFile: join(kept, `${name}.json`),
    force: values.force,
    tempDirName: join(kept, 'sandboxes'),
    ignorePatterns: ['*', '!machines/**/*', '!src/**/*', '!test/**/*', '!package.json'],
    disableTypeChecks: false,
    tsconfigFile: 'none.json',
    checkers: [],
    reporters: [],
    allowConsoleColors: false,
    logLevel: 'error' as never,
  }).runMutationTest()
}

const texts = new Map<string, string[]>()
function shown({ fileName, location, mutatorName, replacement, status }: Mutant): string {
  const lines = texts.get(fileName) ?? readFileSync(fileName, 'utf8').split('\n')
  texts.set(fileName, lines)
  const { start, end } = location
  const first = (lines[start.line - 1] ?? '').slice(
    start.column - 1,
    start.line === end.line ? end.column - 1 : undefined,
  )
  const short = (text: string): string => {
    const line = text.replaceAll(/\s+/g, ' ').trim()
    return line.length > 60 ? `${line.slice(0, 57)}...` : line
  }
  const unmet = status === 'NoCoverage' ? ' (no test comes here)' : ''
  return `  ${relative(root, fileName)}:${start.line}:${start.column} ${mutatorName}: ${short(first)} -> ${short(replacement)}${unmet}`
}

let broken = false
const chosen = values.only?.flatMap((some) => some.split(',')) ?? Object.keys(groups)
for (const name of chosen) {
  const group = groups[name]
  if (group === undefined) {
    console.error(`there is no group "${name}": say ${Object.keys(groups).join(', ')}`)
    process.exit(2)
  }
  const begun = performance.now()
  const mutants = await mutate(name, group)
  const seconds = (performance.now() - begun) / 1_000
  const of = (...states: Mutant['status'][]): Mutant[] =>
    mutants.filter(({ status }) => states.includes(status))
  const found = of('Killed', 'Timeout').length
  const missed = of('Survived', 'NoCoverage')
  const score = (found / Math.max(1, found + missed.length)) * 100
  for (const mutant of missed) console.log(shown(mutant))
  console.log(
    `${name}: ${score.toFixed(1)} % of ${found + missed.length} found, least ${group.least} %; ` +
      `${of('Survived').length} survived, ${of('NoCoverage').length} met no test, ${of('Timeout').length} never ended, ` +
      `${of('RuntimeError').length} could not be loaded, ${of('Ignored').length} left out; ${seconds.toFixed(0)} s`,
  )
  broken ||= score < group.least
}
if (broken) process.exitCode = 1
