// Bugs of what is said of runs and chains: why one waits, how one does.

import type { Bug } from '../bug.ts'

export const saidBugs: readonly Bug[] = [
  {
    name: 'name-the-wrong-chain',
    is: 'explain() names the first running chain for a signal that another waits for',
    file: 'src/engine/runs/causes.ts',
    before: 'const chain = running.length === 1 ? running[0] : running.find(({ node }) => node.key === key)',
    after: 'const chain = running[0] ?? running.find(({ node }) => node.key === key)',
    proofs: ['simulate'],
  },
  {
    name: 'name-what-has-ended',
    is: 'explain() names the needs of a chain that have ended, and not those that have not',
    file: 'src/engine/runs/causes.ts',
    before: "arrivalOf(nodes.get(key)) === 'pending',",
    after: "arrivalOf(nodes.get(key)) !== 'pending',",
    proofs: ['simulate'],
  },
  {
    name: 'forget-to-say-why',
    is: 'explain() says of a backoff that it is over when it began',
    file: 'src/engine/runs/causes.ts',
    before: 'const until = first.due ?? first.since',
    after: 'const until = first.since',
    proofs: ['simulate'],
  },
  {
    name: 'call-chance-an-illness',
    is: 'a chain is called failing by more failures than are allowed, however few its executions',
    file: 'src/analysis/health.ts',
    before: 'return failed / n > allowed && betaCdf(failed, n - failed + 1, allowed) <= 0.05 + 1e-9',
    after: 'return failed / n > allowed',
    proofs: ['simulate'],
  },
  {
    name: 'call-the-stopped-ill',
    is: 'executions that a person cancelled count as failures',
    file: 'src/analysis/health.ts',
    before: "(status === 'succeeded' || status === 'failed') && !memo",
    after: "(status === 'succeeded' || status === 'failed' || status === 'cancelled') && !memo",
    proofs: ['simulate'],
  },
  {
    name: 'blame-the-rarest',
    is: 'the step where the fewest failures began is called the root',
    file: 'src/analysis/health.ts',
    before: 'toSorted((a, b) => b.count - a.count)[0]',
    after: 'toSorted((a, b) => a.count - b.count)[0]',
    proofs: ['simulate'],
  },
]
