// Bugs of bounds that are easily forgotten: deadlines, limits, priorities, what is kept for so long; and of what is handed on.

import type { Bug } from '../bug.ts'

export const boundBugs: readonly Bug[] = [
  {
    name: 'hand-over-another-output',
    is: 'a chain is handed the output of the first that it needs in the place of all',
    file: 'src/journal/replay-run.ts',
    before: "edge.kind === 'hard' && node.rule !== 'all_success' ? settledOf(upstream) : outputOf(upstream)",
    after:
      "edge.kind === 'hard' && node.rule !== 'all_success' ? settledOf(upstream) : outputOf(state.nodes.get(node.needs[0]?.key ?? '') ?? upstream)",
    proofs: ['simulate'],
  },
  {
    name: 'a-key-for-each-attempt',
    is: 'the idempotency key of a step is another one in each attempt',
    file: 'src/execution/attempt-context.ts',
    before:
      'const { runId, chain, step, item } = this.#place\n    return item === undefined ? `${runId}/${chain}/${step}`',
    after:
      'const { runId, chain, item, attempt } = this.#place\n    const step = `${this.#place.step}${attempt === 1 ? "" : attempt}`\n    return item === undefined ? `${runId}/${chain}/${step}`',
    proofs: ['simulate', 'money'],
  },
  {
    name: 'ignore-a-deadline',
    is: 'a chain is cut short a minute after its deadline',
    file: 'src/engine/runs/run-deadlines.ts',
    before: 'this.#run.services.clock.at(at, () => this.#passed())',
    after: 'this.#run.services.clock.at(at + 60_000, () => this.#passed())',
    proofs: ['test/engine/deadlines.test.ts'],
  },
  {
    name: 'never-time-out',
    is: 'a timeout that is a second is a thousand',
    file: 'src/execution/attempt.ts',
    before: 'const due = timeout === undefined ? Infinity : clock.now() + timeout',
    after: 'const due = timeout === undefined ? Infinity : clock.now() + timeout * 1_000',
    proofs: ['test/engine/steps.test.ts'],
  },
  {
    name: 'the-least-urgent-first',
    is: 'where slots are short, the run of the lowest priority goes first',
    file: 'src/execution/pool.ts',
    before: 'return b.priority - a.priority ||',
    after: 'return a.priority - b.priority ||',
    proofs: ['test/execution/pool.test.ts'],
  },
  {
    name: 'each-too-wide',
    is: 'an each has one item more in flight than it may',
    file: 'src/engine/chains/each-runner.ts',
    before: 'this.#slots.size + this.#calls.size < this.#most()',
    after: 'this.#slots.size + this.#calls.size <= this.#most()',
    proofs: ['test/engine/each.test.ts'],
  },
  {
    name: 'free-a-group-early',
    is: 'a place in a concurrency group is free before the end of who had it is durable',
    file: 'src/engine/runs/run-graph.ts',
    before: 'this.#run.afterCommit({ committed: () => services.gates.ungate({ runId, node }) })',
    after: 'services.gates.ungate({ runId, node })',
    proofs: ['simulate', 'test/engine/groups.test.ts'],
  },
  {
    name: 'use-an-expired-memo',
    is: 'an output is used again after it has expired',
    file: 'src/engine/memos.ts',
    before: 'return known.expiresAt === null || known.expiresAt > this.#host.clock.now()',
    after: 'return known.expiresAt === null || known.expiresAt > after',
    proofs: ['test/engine/memo.test.ts'],
  },
  {
    name: 'one-lost-attempt-more',
    is: 'a step that kills its process is run once more than three times',
    file: 'src/engine/runs/activate.ts',
    before: 'if (lost >= cap) {',
    after: 'if (lost > cap) {',
    proofs: ['test/engine/recovery.test.ts', 'test/engine/dead-letters.test.ts'],
  },
]
