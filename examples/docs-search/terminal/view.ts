// Shows a run as it goes: a few lines that redraw themselves on a terminal, else one line a chain.

import { advance, begin, type ChainProgress, type Fact, type Progress } from '../progress.ts'
import { chainLine } from './chain-line.ts'
import type { Paint, Terminal } from './paint.ts'

export interface View {
  tell(fact: Fact): void
  /** Draws the last state and leaves it on the screen. */
  close(): void
}

export interface ViewOptions {
  readonly terminal: Terminal
  readonly paint: Paint
  readonly chains: readonly string[]
  /** How many items a fan-out over all packages has. */
  readonly packages: number
  /** Called to redraw later, at most once until it has; gives a function that calls it off. */
  readonly soon: (draw: () => void) => () => void
}

export function createView({ terminal, paint, chains, packages, soon }: ViewOptions): View {
  const live = terminal.isTTY === true
  const width = Math.max(...chains.map((name) => name.length))
  let progress: Progress = begin(chains)
  let drawn = 0
  let callOff: (() => void) | undefined

  const draw = (): void => {
    callOff = undefined
    const room = (terminal.columns || 80) - 1
    const lines = [...progress].map(([name, one]) =>
      chainLine(name.padEnd(width), one, { paint, packages, room }),
    )
    const up = drawn > 0 ? `\u001B[${drawn}A` : ''
    terminal.write(`${up}${lines.map((line) => `\u001B[2K${line}\n`).join('')}`)
    drawn = lines.length
  }

  const plainly = (name: string, before: ChainProgress | undefined, now: ChainProgress | undefined): void => {
    if (now === undefined || now.status === before?.status || now.status === 'running') return
    terminal.write(`${chainLine(name.padEnd(width), now, { paint, packages, room: Infinity })}\n`)
  }

  return {
    tell(fact) {
      const before = progress
      progress = advance(progress, fact)
      if (progress === before) return
      if (live) callOff ??= soon(draw)
      else if (fact.chain !== undefined) plainly(fact.chain, before.get(fact.chain), progress.get(fact.chain))
    },
    close() {
      callOff?.()
      if (live) draw()
    },
  }
}
