// Shows a run as it goes: a few lines that redraw themselves on a terminal, else one line a chain.

import { advance, begin, type ChainProgress, type Fact, type Progress } from '../progress.ts'
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

const bar = 24

export function createView({ terminal, paint, chains, packages, soon }: ViewOptions): View {
  const live = terminal.isTTY === true
  const width = Math.max(...chains.map((name) => name.length))
  let progress: Progress = begin(chains)
  let drawn = 0
  let callOff: (() => void) | undefined

  const draw = (): void => {
    callOff = undefined
    const room = (terminal.columns ?? 80) - 1
    const lines = [...progress].map(([name, one]) =>
      lineOf(name.padEnd(width), one, { paint, packages, room }),
    )
    const up = drawn > 0 ? `\u001B[${drawn}A` : ''
    terminal.write(`${up}${lines.map((line) => `\u001B[2K${line}\n`).join('')}`)
    drawn = lines.length
  }

  const plainly = (name: string, before: ChainProgress | undefined, now: ChainProgress | undefined): void => {
    if (now === undefined || now.status === before?.status || now.status === 'running') return
    terminal.write(`${lineOf(name.padEnd(width), now, { paint, packages, room: Infinity })}\n`)
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

interface Drawing {
  readonly paint: Paint
  readonly packages: number
  readonly room: number
}

function lineOf(name: string, one: ChainProgress, { paint, packages, room }: Drawing): string {
  const notes = [
    one.failed > 0 ? paint.yellow(`${one.failed} failed attempts`) : '',
    one.lost > 0 ? paint.yellow(`${one.lost} lost with the process`) : '',
  ].filter((note) => note !== '')
  const rest = notes.length === 0 ? '' : `  ${notes.join(', ')}`
  switch (one.status) {
    case 'waiting':
      return paint.dim(`  · ${name}`)
    case 'running':
      return `  ${paint.cyan('›')} ${name}  ${fanOut(one, packages, room) ?? paint.dim(one.step)}${rest}`
    case 'succeeded':
      return `  ${paint.green('✓')} ${name}  ${paint.dim(seconds(one.endedAt - one.startedAt))}${rest}`
    case 'failed':
      return `  ${paint.red('✗')} ${name}  ${paint.red(`failed at ${one.step}`)}${rest}`
    default:
      return `  ${paint.yellow('-')} ${name}  ${paint.yellow(one.status.replace('_', ' '))}${rest}`
  }
}

function fanOut(one: ChainProgress, packages: number, room: number): string | undefined {
  if (one.items === 0) return undefined
  const full = Math.round((bar * Math.min(one.items, packages)) / packages)
  const drawing = room < 70 ? '' : `${'━'.repeat(full)}${'─'.repeat(bar - full)} `
  return `${drawing}${one.items}/${packages} ${one.step}`
}

export function seconds(ms: number): string {
  return ms < 100 ? `${Math.max(0, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`
}
