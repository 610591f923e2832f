// The command: `node main.ts` indexes the documentation under node_modules, `--query` answers from it.

import { join, resolve } from 'node:path'
import { CatenaryError } from 'catenary'
import { app } from './app.ts'
import { help, readArguments, type Request } from './arguments.ts'
import { openIndex, remark } from './search/query.ts'
import { indexAll } from './session.ts'
import { answers } from './terminal/answers.ts'
import { paintFor } from './terminal/paint.ts'
import { defaultDir, published } from './workspace.ts'

const byNpm = process.env['npm_lifecycle_event'] === 'start'
const line = byNpm ? 'npm start --' : 'node examples/docs-search/main.ts'
const paint = paintFor(process.stdout, process.env)
const complain = (problem: string): void => {
  process.stderr.write(`${paintFor(process.stderr, process.env).red('docs-search:')} ${problem}\n`)
}

// whoever reads may stop reading, as `head` does; what was done so far is kept
process.stdout.on('error', () => process.exit())

function explain(error: unknown): string {
  if (!CatenaryError.is(error)) return String((error as Error).stack ?? error)
  return error.code === 'STORE_LOCKED'
    ? 'another docs-search is at work in that folder: wait until it has ended, or give another one with --dir'
    : `${error.message} (${error.code})`
}

async function perform(request: Request): Promise<number> {
  switch (request.kind) {
    case 'help':
      process.stdout.write(help)
      return 0
    case 'refused':
      complain(`${request.problem}\n${line} --help says what there is`)
      return 2
    case 'query':
      return answer(request)
    case 'run':
      return run(request)
  }
}

function answer({ input, question, json }: Request & { readonly kind: 'query' }): number {
  let index
  try {
    index = openIndex(join(input.dir, published.index))
  } catch {
    complain(`there is no index in ${input.dir} yet: make it with ${byNpm ? 'npm start' : line}`)
    return 1
  }
  using search = index
  const hits = search.ask(question)
  if (json) {
    const clear = hits.map((hit) => ({
      ...hit,
      heading: remark(hit.heading, '', ''),
      snippet: remark(hit.snippet, '', ''),
    }))
    process.stdout.write(`${JSON.stringify(clear, undefined, 2)}\n`)
  } else for (const text of answers(hits, paint)) process.stdout.write(`${text}\n`)
  if (hits.length > 0) return 0
  complain(`nothing is found for "${question}" in ${search.packages} packages`)
  return 1
}

async function run({ input, fresh, stay }: Request & { readonly kind: 'run' }): Promise<number> {
  const root = resolve(input.root)
  if ((await app.files.kind(root)) !== 'directory') {
    complain(`${input.root} is no folder: run npm ci first, or name another one with --root`)
    return 2
  }
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const where = input.dir === defaultDir ? '' : ` --dir ${input.dir}`
    const ask = `${line}${where} --query`
    return await indexAll(input, fresh, {
      app,
      terminal: process.stdout,
      paint,
      interrupted: stop.signal,
      ask,
      stay,
    })
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

try {
  process.exitCode = await perform(readArguments(process.argv.slice(2)))
} catch (error) {
  complain(explain(error))
  process.exitCode = 1
}
