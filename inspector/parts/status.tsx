// How something stands: a word, a sign and a colour, never the colour alone.

import type { JSX } from 'preact'
import type { ChainCard, Standing } from '../../src/inspector/protocol.ts'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'ok' | 'run' | 'wait' | 'bad' | 'act' | 'idle'

interface Look {
  readonly word: string
  readonly icon: IconName
  readonly tone: Tone
}

const looks: Readonly<Record<Standing, Look>> = {
  pending: { word: 'pending', icon: 'pending', tone: 'idle' },
  running: { word: 'running', icon: 'run', tone: 'run' },
  waiting: { word: 'waiting', icon: 'wait', tone: 'wait' },
  paused: { word: 'paused', icon: 'paused', tone: 'wait' },
  succeeded: { word: 'succeeded', icon: 'ok', tone: 'ok' },
  failed: { word: 'failed', icon: 'bad', tone: 'bad' },
  cancelled: { word: 'cancelled', icon: 'cancelled', tone: 'idle' },
  skipped: { word: 'skipped', icon: 'skipped', tone: 'idle' },
  upstream_failed: { word: 'blocked', icon: 'broken', tone: 'bad' },
  'dead-letter': { word: 'dead letter', icon: 'letter', tone: 'bad' },
  'needs-attention': { word: 'needs attention', icon: 'attention', tone: 'act' },
  'needs-migration': { word: 'needs migration', icon: 'migrate', tone: 'act' },
}

const healths: Readonly<Record<ChainCard['health'], Look>> = {
  ok: { word: 'healthy', icon: 'ok', tone: 'ok' },
  degraded: { word: 'degraded', icon: 'attention', tone: 'wait' },
  failing: { word: 'failing', icon: 'bad', tone: 'bad' },
  unknown: { word: 'unknown', icon: 'unknown', tone: 'idle' },
}

export const lookOf = (standing: Standing): Look => looks[standing]
export const healthLook = (health: ChainCard['health']): Look => healths[health]
export const standings = Object.keys(looks) as readonly Standing[]

export function Status({
  of,
  pill = false,
}: {
  readonly of: Standing
  readonly pill?: boolean
}): JSX.Element {
  return <Look {...looks[of]} pill={pill} />
}

export function Health({
  of,
  pill = false,
}: {
  readonly of: ChainCard['health']
  readonly pill?: boolean
}): JSX.Element {
  return <Look {...healths[of]} pill={pill} />
}

function Look({ word, icon, tone, pill }: Look & { readonly pill: boolean }): JSX.Element {
  return (
    <span class={`status tone-${tone}${pill ? ' pill' : ''}`}>
      <Icon name={icon} size={14} />
      {word}
    </span>
  )
}
