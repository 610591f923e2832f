// The help texts: of all commands, and of one.

import { type Command, commonOptions } from './command.ts'

/** What `catenary help` prints. */
export function overview(commands: readonly Command[]): string {
  const calls = commands.map((command) => [callOf(command), command.says] as const)
  return `catenary: durable, supervised chains of work

${aligned(calls)}

Every command takes --json and --help. Exit codes: 0 done; 1 the run failed, or a
check found something; 2 the line, the module or the input cannot be used; 3 the
store cannot be used; 4 left in the inbox, as no executor has answered, or no reply
has come yet; 130 ended by Ctrl-C. CATENARY_DEBUG=1 adds where an error came from.
`
}

/** What `catenary <command> --help` prints. */
export function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions }).map(
    ([name, { value, says }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, says] as const,
  )
  const more = command.more === undefined ? '' : `\n${command.more.trim()}\n`
  return `catenary ${callOf(command)}\n\n${command.says}\n${more}\n${aligned(options)}\n`
}

function callOf({ name, words }: Command): string {
  return [name, ...words].join(' ')
}

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
