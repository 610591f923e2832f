// Where the command writes: two streams, whether people look at them, and colours where they do.

import { styleText } from 'node:util'
import { printableLines } from './printable.ts'

export type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style, text: string) => string

export interface Terminal {
  /** For results. Control characters but the end of a line are shown, not sent: here and below. */
  out(text: string): void
  /** For everything else. */
  err(text: string): void
  /** Writes to `err` as it is, for what moves the cursor. */
  steer(text: string): void
  /** Whether `err` is a screen that a person looks at, on which lines may be drawn again. */
  readonly live: boolean
  readonly columns: number
  readonly rows: number
  /** Colours text for `out`, where colours are wanted. */
  readonly paint: Paint
  /** The same for `err`. */
  readonly paintErr: Paint
}

export const plain: Paint = (_, text) => text
export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false })

/** Colours go to a terminal only, unless FORCE_COLOR or NO_COLOR says otherwise. */
export function wantsColour(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false
  return isTTY
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  const screen = [stdout, stderr].find(({ isTTY }) => isTTY)
  const colours = { out: wantsColour(stdout.isTTY, env), err: wantsColour(stderr.isTTY, env) }
  return {
    out: (text) => void stdout.write(printableLines(text, colours.out)),
    err: (text) => void stderr.write(printableLines(text, colours.err)),
    steer: (text) => void stderr.write(text),
    live: stderr.isTTY && env['TERM'] !== 'dumb' && env['CI'] === undefined,
    get columns() {
      return sizeOr(80, screen?.columns)
    },
    get rows() {
      return sizeOr(24, screen?.rows)
    },
    paint: colours.out ? coloured : plain,
    paintErr: colours.err ? coloured : plain,
  }
}

/** Some terminals say that they have no size. */
function sizeOr(usual: number, said: number | undefined): number {
  return said === undefined || said === 0 ? usual : said
}
