// What was typed after the command: read, checked whole, and refused with the cure.

import { parseArgs } from 'node:util'
import { type DocsInput, defaultDir, defaultRoot } from './workspace.ts'

export type Request =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run'
      readonly input: Places & { readonly limit?: number }
      readonly fresh: boolean
      readonly stay: boolean
    }
  | { readonly kind: 'query'; readonly input: Places; readonly question: string; readonly json: boolean }
  | { readonly kind: 'refused'; readonly problem: string }

type Places = Required<Pick<DocsInput, 'root' | 'dir'>>

export const help = `docs-search makes the documentation of every package under node_modules searchable, offline.

usage: node examples/docs-search/main.ts [options]
       npm start -- [options]

  (no options)       index everything; typed again after a stop, go on where it was
  -q, --query TEXT   answer from the index instead; exit 1 where nothing is found
      --json         give the answers as JSON
      --root DIR     the folder to index (default ${defaultRoot})
      --dir DIR      where index, report and journal go (default ${defaultDir})
      --limit N      index only the first N packages
      --fresh        begin anew, also where all is up to date
      --inspect      keep the inspector open at the end, until Ctrl-C
  -h, --help         this text

exit codes: 0 done, 1 failed, 2 wrong arguments, 130 stopped by Ctrl-C
`

/** Reads the arguments; never throws. */
export function readArguments(given: readonly string[]): Request {
  let read
  try {
    read = parseArgs({
      args: [...given],
      options: {
        query: { type: 'string', short: 'q' },
        json: { type: 'boolean', default: false },
        root: { type: 'string', default: defaultRoot },
        dir: { type: 'string', default: defaultDir },
        limit: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        inspect: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowPositionals: true,
    })
  } catch (error) {
    // its first sentence says what is wrong; the rest is advice about `--` that does not help here
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('. ')
    return { kind: 'refused', problem }
  }
  const { help: helps, query, json, root, dir, limit, fresh, inspect: stay } = read.values
  if (helps) return { kind: 'help' }
  const stray = read.positionals.join(' ')
  if (stray !== '')
    return { kind: 'refused', problem: `"${stray}" is no option: to ask for it, say --query "${stray}"` }
  for (const [name, value] of Object.entries({ query, root, dir })) {
    if (value?.trim() === '') return { kind: 'refused', problem: `--${name} is empty` }
  }
  if (query !== undefined) {
    const ofRuns = [
      fresh ? '--fresh' : '',
      limit === undefined ? '' : '--limit',
      stay ? '--inspect' : '',
    ].filter((name) => name !== '')
    if (ofRuns.length > 0)
      return { kind: 'refused', problem: `${ofRuns.join(' and ')} cannot go with --query` }
    return { kind: 'query', input: { root, dir }, question: query, json }
  }
  if (json) return { kind: 'refused', problem: '--json goes with --query only: a run writes report.json' }
  if (limit === undefined) return { kind: 'run', input: { root, dir }, fresh, stay }
  if (!/^[1-9]\d{0,8}$/.test(limit)) {
    return {
      kind: 'refused',
      problem: `--limit "${limit}" is no number of packages: give a whole one from 1`,
    }
  }
  return { kind: 'run', input: { root, dir, limit: Number(limit) }, fresh, stay }
}
