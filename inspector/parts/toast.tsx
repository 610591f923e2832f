// What came of a command, said once in a corner and to screen readers.

import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Command } from '../../src/inspector/protocol.ts'
import { command } from '../state/api.ts'
import { Icon } from './icon.tsx'

interface Toast {
  readonly id: number
  readonly good: boolean
  readonly text: string
}

const toasts = signal<readonly Toast[]>([])
let nextId = 0

export function say(text: string, good = true): void {
  const id = nextId++
  toasts.value = [...toasts.value.slice(-2), { id, good, text }]
  setTimeout(() => (toasts.value = toasts.value.filter((one) => one.id !== id)), good ? 5_000 : 12_000)
}

/** Carries a command out and says what came of it. */
export async function perform(asked: Command, done: string): Promise<boolean> {
  const reply = await command(asked)
  say(reply.ok ? done : reply.message, reply.ok)
  return reply.ok
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, good, text }) => (
        <div key={id} class="toast">
          <span class={good ? 'tone-ok' : 'tone-bad'}>
            <Icon name={good ? 'ok' : 'bad'} />
          </span>
          <span class="grow wrap">{text}</span>
        </div>
      ))}
    </div>
  )
}
