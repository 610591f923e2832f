// One chain's progress on one line of the terminal, never longer than there is room.

import { stripVTControlCharacters } from 'node:util'
import type { ChainProgress } from '../progress.ts'
import type { Paint } from './paint.ts'

export interface Drawing {
  readonly paint: Paint
  /** How many items a fan-out over all packages has. */
  readonly packages: number
  /** Columns. */
  readonly room: number
}

const bar = 24

/** The fullest line that fits: a wrapped one would be drawn over wrongly. */
export function chainLine(name: string, one: ChainProgress, drawing: Drawing): string {
  const [mark, text] = standing(one, drawing)
  const plain = `  ${mark} ${name}`
  const drawn = one.status === 'running' ? fanOut(one, drawing.packages) : ''
  const notes = notesOf(one, drawing.paint)
  const lines = [`${plain}  ${drawn}${text}${notes}`, `${plain}  ${drawn}${text}`, `${plain}  ${text}`, plain]
  return lines.find((line) => stripVTControlCharacters(line).length <= drawing.room) ?? ''
}

function standing(one: ChainProgress, { paint, packages }: Drawing): readonly [mark: string, text: string] {
  switch (one.status) {
    case 'waiting':
      return [paint.dim('·'), '']
    case 'running':
      return [paint.cyan('›'), one.items === 0 ? paint.dim(one.step) : `${one.items}/${packages} ${one.step}`]
    case 'succeeded':
      return [paint.green('✓'), paint.dim(seconds(one.endedAt - one.startedAt))]
    case 'failed':
      return [paint.red('✗'), paint.red(`failed at ${one.step}`)]
    default:
      return [paint.yellow('-'), paint.yellow(one.status.replace('_', ' '))]
  }
}

function fanOut({ items }: ChainProgress, packages: number): string {
  const full = Math.round((bar * Math.min(items, packages)) / packages)
  return items === 0 ? '' : `${'━'.repeat(full)}${'─'.repeat(bar - full)} `
}

function notesOf({ failed, lost }: ChainProgress, paint: Paint): string {
  const notes = [
    failed > 0 ? `${failed} failed ${failed === 1 ? 'attempt' : 'attempts'}` : '',
    lost > 0 ? `${lost} cut off by the stop` : '',
  ]
  const said = notes.filter((note) => note !== '').join(', ')
  return said === '' ? '' : paint.yellow(`  ${said}`)
}

export function seconds(ms: number): string {
  return ms < 100 ? `${Math.max(0, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`
}
