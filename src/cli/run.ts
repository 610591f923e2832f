// `catenary run`: runs a chain of a user's module to its end, durably, and shows how it goes.

import { existsSync } from 'node:fs'
import { executorOf } from '../sqlite/executor-of.ts'
import type { Call, Command } from './command.ts'
import { usageError } from './exit.ts'
import { loadModule, pickChain } from './load-module.ts'
import { storeFile, storeOption } from './open-store.ts'
import { readValue } from './read-value.ts'
import { lineAttributes } from './same-line.ts'
import type { Errand } from './errand.ts'

export const run: Command = {
  name: 'run',
  says: 'run a chain of a module, or go on with it',
  words: ['<module>', '[chain]'],
  options: {
    input: { value: 'JSON', says: 'its input: JSON, @file, or @- for standard input' },
    id: { value: 'ID', says: 'the id of the run: the same id is the same run' },
    new: { says: 'a new run, even where the same line has one that has not ended' },
    concurrency: { value: 'N', says: 'most attempts in flight at once; default 100' },
    ...storeOption,
  },
  more: `The module is imported as it is, TypeScript included. It exports chains, by name,
as default or in an array, and may export \`app\`: what steps are handed as app, or
a function that gives it. Without [chain] it is the one that no other needs.

The output goes to standard output as JSON, all else to standard error. Ctrl-C
lets attempts in flight end and stops; the same line then goes on. Twice exits at
once, and nothing recorded is lost either. Where another process executes the
store, the run is left to it and followed. --store :memory: keeps nothing.`,
  async run(call) {
    const loaded = await loadModule(call.must(0))
    const chain = pickChain(loaded.chains, call.word(1))
    const given = call.option('input')
    const input = given === undefined ? undefined : readValue(given, 'the input')
    const errand: Errand = {
      call,
      loaded,
      chain,
      input,
      file: storeFile(call),
      attributes: lineAttributes(loaded.path, chain.id, input),
      id: call.option('id'),
      again: call.option('id') === undefined && !call.has('new'),
      concurrency: concurrencyOf(call),
    }
    // the engine is loaded only where it is needed
    if (isExecuted(errand.file)) return (await import('./run-there.ts')).runThere(errand)
    return (await import('./run-here.ts')).runHere(errand)
  },
}

function isExecuted(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    return executorOf(file).alive
  } catch {
    // what is wrong with the file is told better where it is opened
    return false
  }
}

function concurrencyOf(call: Call): number | undefined {
  const given = call.option('concurrency')
  if (given === undefined) return undefined
  const count = Number(given)
  if (Number.isInteger(count) && count > 0) return count
  throw usageError(`--concurrency is ${JSON.stringify(given)}: give a whole number from 1`)
}
