// Runs the command that was typed, and ends the process with the code that says what came of it.

import { systemClock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type Command, readCall } from './command.ts'
import { commands, groups } from './commands.ts'
import { exit, exitCodeOf, usageError } from './exit.ts'
import { helpOf, overview } from './help.ts'
import { jsonText } from './json.ts'
import { type Terminal, processTerminal } from './terminal.ts'

/** Does what the line asks for and exits; user code may have left timers and sockets that would keep it alive. */
export async function main(line: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // whoever read the output, such as `head`, has seen enough
    if (error.code === 'EPIPE') process.exit(exit.ok)
    throw error
  })
  const terminal = processTerminal()
  const code = await perform(line, terminal)
  await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()))
  process.exit(code)
}

async function perform(line: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await Promise.race([dispatch(line, terminal), nothingLeft()])
  } catch (error) {
    if (line.includes('--json')) terminal.out(jsonText({ error: told(error) }))
    terminal.err(`catenary: ${told(error).message}\n`)
    if (process.env['CATENARY_DEBUG'] !== undefined && error instanceof Error)
      terminal.err(`${traceOf(error)}\n`)
    return exitCodeOf(error)
  }
}

/** A module, or a step of it, may await what never comes: Node would end without a word. */
async function nothingLeft(): Promise<never> {
  return new Promise((_, reject) => {
    process.once('beforeExit', () => {
      const message =
        'the module awaits something that never comes, as nothing is left that could bring it: look for a promise that nobody settles'
      reject(new CatenaryError('BAD_MODULE', message))
    })
  })
}

async function dispatch(line: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = line
  if (name === undefined) {
    terminal.err(overview(groups))
    return exit.usage
  }
  if (name === 'help' || name === '--help' || name === '-h') {
    const [about] = rest
    terminal.out(about === undefined ? overview(groups) : helpOf(commandOf(about)))
    return exit.ok
  }
  const command = commandOf(name)
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(rest.includes('--json') ? jsonText({ help: helpOf(command) }) : helpOf(command))
    return exit.ok
  }
  return command.run(readCall(command, rest, { terminal, clock: systemClock }))
}

function commandOf(name: string): Command {
  const command = commands.find((one) => one.name === name)
  if (command !== undefined) return command
  const names = commands.map((one) => one.name).join(', ')
  throw usageError(`there is no command "${name}": it is one of ${names}, help`)
}

function told(error: unknown): { readonly code: string; readonly message: string } {
  if (CatenaryError.is(error)) return { code: error.code, message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'UNEXPECTED', message: `${message} (unexpected: CATENARY_DEBUG=1 shows where)` }
}

function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${traceOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
