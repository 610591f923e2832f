// Takes a measured chain back to where a retry lets it go on: what it did stays measured, and counts no more.

import type { Rewind } from '../journal/event.ts'
import type { Moment } from './attempt-record.ts'
import { type ChainRecord, closeChain, freshGoing } from './chain-record.ts'
import { dropOutput } from './chain-scope.ts'

export function rewindChain(chain: ChainRecord, { to, without = [] }: Rewind, at: Moment): void {
  closeChain(chain, at)
  for (const attempt of chain.attempts) {
    const taken =
      attempt.seq > to ||
      (attempt.endSeq ?? 0) > to ||
      without.some(
        ({ step, item, after }) =>
          (attempt.part === 'compensation' ? `${attempt.step}:compensation` : attempt.step) === step &&
          (item === undefined || item === attempt.item) &&
          attempt.seq > after,
      )
    if (taken) attempt.rewound = true
  }
  const kept = chain.waits.filter(({ seq }) => seq <= to)
  chain.waits.splice(0, chain.waits.length, ...kept)
  const { going } = chain
  if (to === 0) {
    Object.assign(going, freshGoing())
    chain.readyAt = undefined
    chain.startedAt = undefined
    chain.status = 'pending'
  } else {
    chain.status = 'running'
    going.failed = undefined
    for (const { step } of without) dropOutput(going, step)
    going.scope = undefined
    going.movedAt = at.at
  }
  chain.endedAt = undefined
  chain.failure = undefined
  chain.step = undefined
  chain.memo = false
  chain.copied = to === 0 || chain.copied === undefined ? undefined : 'begun'
  chain.outputHash = undefined
  chain.outputSize = 0
}
