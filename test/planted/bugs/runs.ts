// Bugs of what a run does next: which chains start, what is undone, which service is restarted.

import type { Bug } from '../bug.ts'

export const runBugs: readonly Bug[] = [
  {
    name: 'start-after-a-blocked-need',
    is: 'a chain starts although one that it needs was blocked by a failure',
    file: 'machines/trigger-rules.ts',
    before: `  all_success: (n) => {
    if (n.unsuccessful > 0) return 'upstream_failed'`,
    after: `  all_success: (n) => {
    if (n.failed > 0) return 'upstream_failed'`,
    // the simulation judges by the same table: what is in it is for its own test to say
    proofs: ['test/machines/trigger-rules.test.ts'],
  },
  {
    name: 'start-after-a-failed-need',
    is: 'a need that failed counts as one that was skipped',
    file: 'src/journal/arrival.ts',
    before: "  failed: 'failed',",
    after: "  failed: 'skipped',",
    proofs: ['simulate', 'test/supervision/advance.test.ts'],
  },
  {
    name: 'start-before-a-need-has-ended',
    is: 'a need that is running counts as done',
    file: 'src/supervision/arrivals.ts',
    before: '    const after = arrivalOf(node)\n',
    after:
      "    const after = node.status === 'running' && node.key.length % 2 === 0 ? 'success' : arrivalOf(node)\n",
    proofs: ['simulate'],
  },
  {
    name: 'reorder-compensation',
    is: 'steps are undone in the order in which they began',
    file: 'src/journal/started.ts',
    before: 'return undos.reverse()',
    after: 'return undos',
    proofs: ['simulate', 'money'],
  },
  {
    name: 'compensate-twice',
    is: 'a step that was retried is undone once for each attempt',
    file: 'src/journal/started.ts',
    before: 'if (before !== undefined) before.open = true',
    after:
      'if (before !== undefined) this.#begun.set(`${key}#${this.#begun.size}`, { ...before, open: true })',
    proofs: ['simulate', 'money'],
  },
  {
    name: 'forget-what-is-in-doubt',
    is: 'a step whose outcome is unknown is not undone',
    file: 'src/journal/started.ts',
    before: 'if (!open && !doubt && !succeeded) continue',
    after: 'if (!succeeded) continue',
    proofs: ['simulate', 'money'],
  },
  {
    name: 'undo-by-another-key',
    is: 'a compensation has a key of its own, and not that of what it undoes',
    file: 'src/execution/compensation.ts',
    before: 'inner.idempotencyKey.replace(`/${step}:compensation`, `/${step}`)',
    after: 'inner.idempotencyKey',
    proofs: ['money'],
  },
  {
    name: 'pass-over-a-failed-compensation',
    is: 'a compensation that has failed for good is passed over, and nobody is told',
    file: 'machines/compensating.ts',
    before: '{ target: `${path}.stuck` },',
    after: "{ target: `${path}.next`, actions: { type: 'keepUndone' } },",
    proofs: ['test/machines/compensating.test.ts'],
  },
  {
    name: 'a-call-outlives-its-caller',
    is: 'a called chain goes on when the one that called it is cancelled',
    file: 'src/engine/runs/run-calls.ts',
    before: "if (node.status === 'running' && calledBy(node, caller)) run.chains.get(node.key)?.cancel()",
    after:
      "if (node.status === 'running' && calledBy(node, caller) && node.key === '') run.chains.get(node.key)?.cancel()",
    proofs: ['test/engine/parallel.test.ts'],
  },
  {
    name: 'cancel-what-is-wanted',
    is: 'an upstream is cancelled that another chain still waits for',
    file: 'src/supervision/advance.ts',
    before: 'if (arrivals.wanted(key) || state.targets.includes(key)) continue',
    after: 'if (state.targets.includes(key)) continue',
    proofs: ['test/supervision/advance.test.ts'],
  },
  {
    name: 'retry-what-succeeded',
    is: 'a retry of a run does all of a failed chain anew',
    file: 'src/engine/rewind/plan-retry.ts',
    before: 'to: before.at(-1)?.seq ?? 0,',
    after: 'to: before[0]?.seq ?? 0,',
    proofs: ['simulate', 'test/engine/retry.test.ts'],
  },
  {
    name: 'one-restart-too-few',
    is: 'a supervisor gives up at its last restart within the intensity',
    file: 'machines/supervision/intensity.ts',
    before: 'return restarts.length <= spec.intensity',
    after: 'return restarts.length < spec.intensity',
    proofs: ['test/machines/supervision'],
  },
  {
    name: 'tell-others-the-refusal',
    is: 'who wants something of a run while a retry of it is refused is refused with that',
    file: 'src/engine/nursery.ts',
    before: 'return remaking.has(made) ? made.catch(async () => reach(run)) : made',
    after: 'return made',
    proofs: ['test/engine/retry.test.ts'],
  },
  {
    name: 'fork-half-a-turn',
    is: "a fork cut within a turn of a user's own machine loses the event that the machine took in it",
    file: 'src/engine/rewind/plan-fork.ts',
    before: `      event.type === 'attempt.failed' ||
      event.type === 'signal.consumed'`,
    after: `      event.type === 'attempt.failed'`,
    proofs: ['test/engine/fork.test.ts'],
  },
]
