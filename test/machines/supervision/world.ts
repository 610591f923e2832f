// What tests of the reducer share: a supervisor whose children do what the test says, and what it did in few words.

import type { AdminAnswer, AdminCall } from '../../../machines/supervision/admin.ts'
import type { ChildSpec, GroupSpec } from '../../../machines/supervision/spec.ts'
import {
  beginSupervision,
  type Supervision,
  type SupervisionCommand,
  type SupervisionEvent,
} from '../../../machines/supervision/state.ts'
import { supervise } from '../../../machines/supervision/supervise.ts'

type Untimed<E> = E extends SupervisionEvent ? Omit<E, 'at'> : never

export interface World {
  readonly of: Supervision
  /** What it ordered since the last look, in few words. */
  said(): readonly string[]
  tell(...events: readonly Untimed<SupervisionEvent>[]): void
  ask(call: AdminCall): AdminAnswer | undefined
  pass(ms: number): void
}

export interface Scripted {
  /** What becomes of a start: from left to right, then `started`. */
  readonly starts?: Readonly<Record<string, readonly ('started' | 'failed' | 'ignored')[]>>
  /** Children that do not end when they are asked to: the test says how they end. Default none. */
  readonly stubborn?: readonly string[]
  /** Children whose starts the test settles. Default none. */
  readonly slow?: readonly string[]
}

export const child = (id: string, more: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  restart: 'permanent',
  shutdown: 5_000,
  significant: false,
  kind: 'worker',
  ...more,
})

/** OTP's defaults. */
export const group = (children: readonly ChildSpec[], more: Partial<GroupSpec> = {}): GroupSpec => ({
  strategy: 'one_for_one',
  intensity: 1,
  period: 5_000,
  autoShutdown: 'never',
  reviveStopped: true,
  children,
  ...more,
})

/** Starts a supervisor; its children start, and end when asked, at once, but for those that the script names. */
export function createWorld(
  spec: GroupSpec,
  { starts = {}, stubborn = [], slow = [] }: Scripted = {},
): World {
  const of = beginSupervision(spec)
  const tried = new Map<string, number>()
  const answers = new Map<string, AdminAnswer>()
  let said: string[] = []
  let at = 0
  let calls = 0

  const obey = (command: SupervisionCommand): void => {
    said.push(inWords(command))
    if (command.do === 'reply') answers.set(command.call, command.answer)
    if (command.do === 'start' && !slow.includes(command.child)) {
      const nth = tried.get(command.child) ?? 0
      tried.set(command.child, nth + 1)
      const outcome = starts[command.child]?.[nth] ?? 'started'
      const { child: id, life } = command
      if (outcome === 'started') hear({ type: 'started', child: id, life, at })
      if (outcome === 'ignored') hear({ type: 'start-ignored', child: id, life, at })
      if (outcome === 'failed') hear({ type: 'start-failed', child: id, life, reason: 'broken', at })
    }
    const stops = command.do === 'shutdown' || command.do === 'kill'
    if (stops && !(command.do === 'shutdown' && stubborn.includes(command.child))) {
      const reason = command.do === 'kill' ? 'killed' : 'shutdown'
      hear({ type: 'exited', child: command.child, life: command.life, reason, at })
    }
  }
  const hear = (event: SupervisionEvent): void => {
    for (const command of supervise(of, event)) obey(command)
  }
  hear({ type: 'start', at })
  return {
    of,
    said() {
      const words = said
      said = []
      return words
    },
    tell(...events) {
      for (const event of events) hear({ ...event, at })
    },
    ask(call) {
      const name = `call ${++calls}`
      hear({ type: 'admin', call: name, ask: call, at })
      return answers.get(name)
    },
    pass(ms) {
      at += ms
    },
  }
}

function inWords(command: SupervisionCommand): string {
  switch (command.do) {
    case 'start':
    case 'kill':
    case 'forget-back-off':
    case 'removed':
      return `${command.do} ${command.child}`
    case 'shutdown':
      return `stop ${command.child}`
    case 'back-off':
      return `back-off ${command.child} ${command.failures}`
    case 'reply':
      return command.answer.ok ? 'ok' : command.answer.error
    case 'up':
      return 'up'
    case 'ended':
      return `ended ${command.cause}`
  }
}
