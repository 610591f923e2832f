// Bugs of attempts: when they begin, what becomes of their outcomes, and the slots that they take.

import type { Bug } from '../bug.ts'

export const attemptBugs: readonly Bug[] = [
  {
    name: 'begin-before-the-commit',
    is: 'the body of an attempt begins before its start is durable',
    file: 'src/engine/chains/attempt-slot.ts',
    before: `    this.#start()
    this.parent.afterCommit(this)`,
    after: `    this.#start()
    this.committed()`,
    proofs: ['simulate'],
  },
  {
    name: 'forget-a-lost-attempt',
    is: 'an attempt that was in flight when its process died is run again, and not recorded as lost',
    file: 'src/engine/runs/activate.ts',
    before: '      facts.push(fact)\n',
    after: '',
    proofs: ['simulate'],
  },
  {
    name: 'accept-a-late-outcome',
    is: 'what a timed-out attempt returns in the end is fed to the machine',
    file: 'src/engine/chains/attempt-slot.ts',
    before: `      if (closed) services.late(runId, fact)
      else
`,
    after: `      if (closed) services.late(runId, fact)
      else if (this.#late) this.parent.turn(() => this.#settle(outcome))
      else
`,
    proofs: ['simulate'],
  },
  {
    name: 'leak-a-slot',
    is: 'a slot that is granted to a paused run is never given back',
    file: 'src/engine/chains/attempt-slot.ts',
    before: `      this.#holdBack()
      return this.giveBack()`,
    after: '      return this.#holdBack()',
    proofs: ['test/engine/pause.test.ts'],
  },
  {
    name: 'exceed-the-pool',
    is: 'one attempt more is let in than there are slots, where some wait in line',
    file: 'src/execution/pool.ts',
    before: 'while (taken < size) {',
    after: 'while (taken <= size) {',
    proofs: ['simulate'],
  },
  {
    name: 'give-a-slot-back-twice',
    is: 'a slot that goes on with its run is given back as well',
    file: 'src/engine/chains/attempt-hold.ts',
    before: `    this.#holds = false
    this.parent.carrySlot()`,
    after: '    this.parent.carrySlot()',
    proofs: ['simulate'],
  },
  {
    name: 'exceed-a-group',
    is: 'one execution more is let into a concurrency group than it may have',
    file: 'src/engine/gates.ts',
    before: 'while (open && group.inside < group.limit) {',
    after: 'while (open && group.inside <= group.limit) {',
    proofs: ['simulate'],
  },
  {
    name: 'forget-a-backoff',
    is: 'a retry that was waiting when its process died begins at once after the restart',
    file: 'src/engine/chains/live-chain.ts',
    before: 'return this.#timers.schedule(id, input.due ?? 0, undefined, () => effect.succeed(undefined))',
    after:
      'return this.#timers.schedule(id, this.#restoring ? 0 : (input.due ?? 0), undefined, () => effect.succeed(undefined))',
    proofs: ['simulate'],
  },
  {
    name: 'one-attempt-too-many',
    is: 'a step is tried once more than it may be',
    file: 'src/execution/recovery.ts',
    before: 'if (spent < options.attempts && mayRetry(failure, options)) {',
    after: 'if (spent <= options.attempts && mayRetry(failure, options)) {',
    proofs: ['simulate'],
  },
  {
    name: 'a-lost-attempt-spends-a-retry',
    is: 'a step whose attempt was lost with its process has one try less',
    file: 'src/execution/recovery.ts',
    before: 'const spent = (context.tries[step] ?? 1) - (context.lost[step] ?? 0)',
    after: 'const spent = context.tries[step] ?? 1',
    proofs: ['simulate'],
  },
  {
    name: 'memo-across-keys',
    is: 'what a chain made of other outputs that it needs is used again',
    file: 'src/execution/memo-key.ts',
    before: 'return keyOf({ chain: spec.id, version, memo: memo.version, input, needs, env }, what)',
    after:
      'return keyOf({ chain: spec.id, version, memo: memo.version, input, needs: needs === undefined, env }, what)',
    proofs: ['test/engine/memo.test.ts'],
  },
  {
    name: 'narrow-nothing',
    is: 'items that stand in line begin although fewer may be in flight by then',
    file: 'src/engine/chains/each-runner.ts',
    before: 'if (this.#slots.size <= most || this.inFlight < most) return true',
    after: 'if (this.inFlight >= 0 || most > 0) return true',
    proofs: ['test/engine/config.test.ts'],
  },
]
