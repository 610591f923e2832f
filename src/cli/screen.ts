// Draws lines over those drawn before, as long as nothing else writes to the screen in between.

import { printableLines } from './printable.ts'

export interface Screen {
  draw(lines: readonly string[]): void
  /** Removes what was drawn. */
  clear(): void
}

const up = (lines: number): string => (lines === 0 ? '' : `\u001B[${lines}A`)
const eraseBelow = '\u001B[0J'

/** One line of the screen, whatever is in it: else it could not be removed again. */
const lineOf = (line: string): string => `${printableLines(line, true).replaceAll('\n', ' ')}\n`

/** @param write takes text for the screen. */
export function createScreen(write: (text: string) => void): Screen {
  let drawn = 0
  return {
    draw(lines) {
      write(`${up(drawn)}\r${eraseBelow}${lines.map(lineOf).join('')}`)
      drawn = lines.length
    },
    clear() {
      if (drawn > 0) write(`${up(drawn)}\r${eraseBelow}`)
      drawn = 0
    },
  }
}
