// What a command of the command line is, and how the line that was typed becomes a call of it.

import { parseArgs } from 'node:util'
import type { Clock } from '../kernel/clock.ts'
import { usageError } from './exit.ts'
import type { Terminal } from './terminal.ts'

export interface OptionSpec {
  /** What stands for its value in the help; none for a switch. */
  readonly value?: string
  readonly says: string
  /** It may be given several times. */
  readonly many?: true
}

export interface Command {
  readonly name: string
  /** One line of the list of commands. */
  readonly says: string
  /** The words after its name: `<run>` must be given, `[payload]` may be. */
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, OptionSpec>>
  /** More for its own help: lines of at most 80 characters. */
  readonly more?: string
  /** @returns the exit code. */
  run(call: Call): Promise<number>
}

/** A command as it was asked for. */
export interface Call {
  readonly terminal: Terminal
  readonly clock: Clock
  /** Whether one JSON document, or JSON lines, is to be printed instead of text for people. */
  readonly json: boolean
  /** The word at a place where it may be left out. */
  word(at: number): string | undefined
  /** The word at a place where it must be given. */
  must(at: number): string
  option(name: string): string | undefined
  /** All that were given of an option that may be given several times. */
  options(name: string): readonly string[]
  has(name: string): boolean
}

/** Options that every command has. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  json: { says: 'print JSON instead of text' },
  help: { says: 'print this' },
}

/** Reads the words after the command's name; what does not fit is refused with its cure. */
export function readCall(
  command: Command,
  line: readonly string[],
  ports: { readonly terminal: Terminal; readonly clock: Clock },
): Call {
  const { values, positionals } = parse(command, line)
  const { words } = command
  const typed = ['catenary', command.name, ...words].join(' ')
  const missing = words[positionals.length]
  if (missing?.startsWith('<') === true) throw usageError(`${missing} is missing: ${typed}`)
  const extra = positionals[words.length]
  if (extra !== undefined) throw usageError(`"${extra}" is one word too many: ${typed}`)
  return {
    ...ports,
    json: values['json'] === true,
    word: (at) => positionals[at],
    must: (at) => positionals[at] as string,
    option(name) {
      const value = values[name]
      return typeof value === 'string' ? value : undefined
    },
    options(name) {
      const value = values[name]
      return Array.isArray(value) ? (value as readonly string[]) : []
    },
    has: (name) => values[name] === true,
  }
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

function parse({ name, options: own }: Command, line: readonly string[]): Parsed {
  const options = Object.fromEntries(
    Object.entries({ ...own, ...commonOptions }).map(([option, { value, many = false }]) => [
      option,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: many },
    ]),
  )
  try {
    return parseArgs({ args: [...line], options, allowPositionals: true, strict: true })
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split(/[.\n] ?/)
    const behind = line.some((word) => /^-[\d.]/.test(word))
      ? '; a word that begins with - goes behind --'
      : ''
    throw usageError(`${problem}: \`catenary ${name} --help\` lists what it takes${behind}`)
  }
}
