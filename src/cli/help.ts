// The help texts: of all commands, and of one.

import { type Command, commonOptions } from './command.ts'
import type { CommandGroup } from './commands.ts'
import { wrapped } from './table.ts'

const columns = 80

/** What `catenary help` prints. */
export function overview(groups: readonly CommandGroup[]): string {
  const all = groups.flatMap(({ commands }) => commands)
  const width = Math.max(...all.map((command) => callOf(command).length))
  const lists = groups.map(({ title, commands }) => {
    const rows = commands.map((command) => [callOf(command), command.says] as const)
    return `${title}\n${aligned(rows, width)}`
  })
  return `catenary: durable, supervised chains of work

${lists.join('\n\n')}

${flowed(exits)}
`
}

const exits = `Every command takes --json and --help. Exit codes: 0 done; 1 the run failed, or a
check found something; 2 the line, the module or the input cannot be used; 3 the store cannot be
used; 4 left in the inbox, as no executor has answered, or no reply has come yet; 130 ended by
Ctrl-C. CATENARY_DEBUG=1 adds where an error came from.`

/** What `catenary <command> --help` prints. */
export function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions }).map(
    ([name, { value, says }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, says] as const,
  )
  const more = command.more === undefined ? '' : `\n${flowed(command.more.trim())}\n`
  return `catenary ${callOf(command)}\n\n${command.says}\n${more}\n${aligned(options)}\n`
}

/** Paragraphs filled anew; lines that are set in stay as they are. */
function flowed(text: string): string {
  return text
    .split('\n\n')
    .map((paragraph) =>
      paragraph.includes('\n ') ? paragraph : wrapped(paragraph.replaceAll('\n', ' '), columns).join('\n'),
    )
    .join('\n\n')
}

function callOf({ name, words }: Command): string {
  return [name, ...words].join(' ')
}

function aligned(
  rows: readonly (readonly [string, string])[],
  width = Math.max(...rows.map(([left]) => left.length)),
): string {
  const margin = ' '.repeat(width + 4)
  return rows
    .map(([left, right]) => {
      const lines = wrapped(right, columns - margin.length)
      return `  ${left.padEnd(width)}  ${lines.join(`\n${margin}`)}`
    })
    .join('\n')
}
