// The sequence diagram beside the log: a line of life for who takes part, and in each row who spoke to whom.

import type { JSX } from 'preact'
import type { EventRow } from '../../src/inspector/protocol.ts'
import { toneOf } from '../parts/event-words.ts'

/** Who takes part, by the place of its line. */
export interface Lifelines {
  readonly names: readonly string[]
  readonly at: ReadonlyMap<string, number>
  /** First and last event of each. */
  readonly lives: ReadonlyMap<string, readonly [number, number]>
}

const gap = 26
const left = 14
/** More lines than this are no picture. */
const most = 14
const outside = 'outside'
const supervisor = 'supervisor'

export function lifelinesOf(events: readonly EventRow[]): Lifelines {
  const names = [outside, supervisor]
  const lives = new Map<string, [number, number]>()
  for (const { chain, seq } of events) {
    if (chain === undefined) continue
    const life = lives.get(chain)
    if (life === undefined) lives.set(chain, [seq, seq])
    else life[1] = seq
    if (life === undefined && names.length < most) names.push(chain)
  }
  return { names, lives, at: new Map(names.map((name, index) => [name, left + index * gap])) }
}

const widthOf = ({ names }: Lifelines): number => left * 2 + (names.length - 1) * gap

export function Names({ lines }: { readonly lines: Lifelines }): JSX.Element {
  return (
    <div class="lifelines" aria-hidden="true">
      <span />
      <span />
      <svg width={widthOf(lines)} height="92" class="names">
        {lines.names.map((name, index) => (
          <text key={name} transform={`translate(${left + index * gap + 3} 86) rotate(-58)`}>
            {name.length > 16 ? `${name.slice(0, 15)}…` : name}
          </text>
        ))}
      </svg>
    </div>
  )
}

interface Message {
  readonly from: string | undefined
  readonly to: string
}

/** From whom to whom: where nobody else is known, it happened by itself. */
function messageOf({ type, chain, body }: EventRow, cause: EventRow | undefined): Message {
  if (type === 'run.ended') return { from: supervisor, to: outside }
  if (type === 'signal.received')
    return { from: outside, to: typeof body['to'] === 'string' ? body['to'] : supervisor }
  if (type === 'signal.answered') return { from: chain, to: outside }
  if (chain === undefined) return { from: cause === undefined ? outside : undefined, to: supervisor }
  if (type === 'chain.started' || type === 'signal.consumed' || type === 'chain.queued')
    return { from: cause?.chain ?? supervisor, to: chain }
  return { from: undefined, to: chain }
}

export function Messenger({
  event,
  cause,
  lines,
}: {
  readonly event: EventRow
  readonly cause: EventRow | undefined
  readonly lines: Lifelines
}): JSX.Element {
  const { from, to } = messageOf(event, cause)
  const start = from === undefined || from === to ? undefined : lines.at.get(from)
  const end = lines.at.get(to)
  const toward = start !== undefined && end !== undefined && start > end ? 1 : -1
  return (
    <svg width={widthOf(lines)} height="28" class={`messenger ${toneOf(event)}`} aria-hidden="true">
      {lines.names.map((name) => {
        const x = lines.at.get(name) ?? 0
        const life = lines.lives.get(name)
        const alive = life === undefined || (event.seq >= life[0] && event.seq <= life[1])
        return <line key={name} x1={x} x2={x} y1="0" y2="28" class={alive ? 'life' : 'life far'} />
      })}
      {start !== undefined && end !== undefined && (
        <>
          <line x1={start} x2={end + toward * 6} y1="14" y2="14" class="arrow" />
          <path d={`M${end} 14l${toward * 7} -4v8z`} class="head" />
        </>
      )}
      {start === undefined && end !== undefined && <circle cx={end} cy="14" r="3.500" class="head" />}
    </svg>
  )
}
