// `catenary coverage`: what tests have visited of the machines of chains, and for the rest what has to happen.

import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainCoverage, TransitionCoverage } from '../analysis/coverage.ts'
import type { Call, Command } from './command.ts'
import { exit, usageError } from './exit.ts'
import { jsonText } from './json.ts'
import { printable } from './printable.ts'
import { readCoverage } from '../engine/read-coverage.ts'

const usualFolder = join('.catenary', 'coverage')

export const coverage: Command = {
  name: 'coverage',
  says: 'list what no test visits of the chains, each with what has to happen',
  words: [],
  options: {
    dir: { value: 'FOLDER', says: `where tests left it with writeCoverage(); default ${usualFolder}` },
    min: { value: 'PERCENT', says: 'exit with 1 where a chain is below that; default 0' },
    empty: { says: 'remove what is there, before tests write anew' },
  },
  more: `What all processes of all test files have left is read as one. A transition
counts as visited where any test took it.`,
  async run(call) {
    const folder = call.option('dir') ?? usualFolder
    if (call.has('empty')) return emptied(call, folder)
    const least = leastOf(call)
    const found = [...readCoverage(folder, '--dir').values()].sort((one, other) =>
      one.chain < other.chain ? -1 : 1,
    )
    const chains = found.map((one) => ({ ...one, ...shareOf(one) }))
    const short = chains.filter(({ percent }) => percent < least)
    if (call.json)
      call.terminal.out(
        jsonText({
          min: least,
          ok: short.length === 0,
          chains: chains.map(({ transitions, ...one }) => ({ ...one, missing: missingOf(transitions) })),
        }),
      )
    else call.terminal.out(`${textOf(chains, found)}\n`)
    if (short.length === 0) return exit.ok
    call.terminal.err(`below ${least} %: ${short.map(({ chain }) => printable(chain)).join(', ')}\n`)
    return exit.failed
  },
}

interface Shares {
  readonly visited: number
  readonly all: number
  readonly recovery: { readonly visited: number; readonly all: number }
  /** Of all transitions, from 0 to 100. */
  readonly percent: number
}

function shareOf({ transitions }: ChainCoverage): Shares {
  const count = (all: readonly TransitionCoverage[]): { visited: number; all: number } => ({
    visited: all.filter((one) => one.visited).length,
    all: all.length,
  })
  const { visited, all } = count(transitions)
  const recovery = count(transitions.filter((one) => one.recovery))
  return { visited, all, recovery, percent: all === 0 ? 100 : Math.floor((100 * visited) / all) }
}

function missingOf(
  transitions: readonly TransitionCoverage[],
): readonly { readonly part: string; readonly step: string; readonly by?: readonly string[] }[] {
  return transitions
    .filter(({ visited }) => !visited)
    .map(({ label, step, by }) => ({ part: label, step, ...(by === undefined ? {} : { by }) }))
}

function textOf(chains: readonly (ChainCoverage & Shares)[], all: readonly ChainCoverage[]): string {
  return chains
    .flatMap(({ chain, version, transitions, visited, all: count, recovery, percent }) => {
      const several = all.filter((one) => one.chain === chain).length > 1
      return [
        `${printable(chain)}${several ? ` (version ${printable(version)})` : ''}: ${percent} %, ${visited} of ${count} transitions, ${recovery.visited} of ${recovery.all} for recovery`,
        ...missingOf(transitions).map(
          ({ part, by }) =>
            `  ${printable(part)}${by === undefined ? '' : `\n      by: ${printable(by.join(', '))}`}`,
        ),
      ]
    })
    .join('\n')
}

function emptied(call: Call, folder: string): number {
  const files = globSync('*.json', { cwd: folder })
  // no file that something else has put there
  if (files.length > 0) readCoverage(folder, '--dir')
  for (const file of files) rmSync(join(folder, file))
  if (call.json) call.terminal.out(jsonText({ removed: files.length }))
  return exit.ok
}

function leastOf(call: Call): number {
  const given = call.option('min') ?? '0'
  const least = Number(given)
  if (given.trim() !== '' && least >= 0 && least <= 100) return least
  throw usageError(`--min takes a percentage from 0 to 100, not "${given}"`)
}
