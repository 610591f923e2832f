// Bugs of what is written and when: commits, fsyncs, snapshots, who may write.

import type { Bug } from '../bug.ts'

export const journalBugs: readonly Bug[] = [
  {
    name: 'drop-a-commit',
    is: 'a batch is answered, and was never written',
    file: 'src/journal/committer.ts',
    before: 'const written = store.append(toBatch(batch))',
    after:
      'const written = batch.length % 5 === 1 && seq % 5 === 1 ? undefined : store.append(toBatch(batch))',
    proofs: ['simulate'],
  },
  {
    name: 'drop-the-last-head',
    is: 'the last head of a batch is not written with its rows',
    file: 'src/journal/committer.ts',
    before: 'if (keepsakes === undefined) return { rows, heads, snapshots, inbox }',
    after:
      'if (keepsakes === undefined) return { rows, heads: heads.slice(0, Math.max(1, heads.length - 1)), snapshots, inbox }',
    proofs: ['simulate'],
  },
  {
    name: 'answer-before-the-commit',
    is: 'start() resolves before the acceptance of its run is durable',
    file: 'src/engine/runs/accept.ts',
    before: 'await commit(created, first, given.answer?.())',
    after: 'commit(created, first, given.answer?.()).catch(() => {})',
    proofs: ['simulate'],
  },
  {
    name: 'answer-the-inbox-first',
    is: 'an entry of the inbox is answered in a commit of its own, before its effect',
    file: 'src/engine/clients/carry-out.ts',
    before: 'if (!host.stopped()) await host.commit(live, work, done)',
    after: `if (!host.stopped()) await host.answer(done)
    if (!host.stopped()) await host.commit(live, work)`,
    proofs: ['simulate', 'power cuts'],
  },
  {
    name: 'snapshot-of-before',
    is: 'a snapshot says that it is of one event before the last that it holds',
    file: 'src/journal/committer.ts',
    before: 'const snapshot = turn.snapshot?.(last)',
    after: 'const snapshot = turn.snapshot?.(last - 1)',
    proofs: ['simulate'],
  },
  {
    name: 'skip-an-fsync',
    is: 'the inline writer does not fsync',
    file: 'src/sqlite/writer.ts',
    before: "prepareToWrite(database, durability, 'ours')",
    after: "prepareToWrite(database, durability && 'normal', 'ours')",
    proofs: ['power cuts'],
  },
  {
    name: 'skip-an-fsync-on-the-thread',
    is: "the writer's thread does not fsync",
    file: 'src/sqlite/writer-thread.ts',
    before: "prepareToWrite(database, durability, 'ours')",
    after: "prepareToWrite(database, durability && 'normal', 'ours')",
    proofs: ['power cuts'],
  },
  {
    name: 'skip-the-epoch-check',
    is: 'an executor writes on although another has taken over',
    file: 'src/sqlite/perform.ts',
    before: "if (current.get()?.['epoch'] === epoch) return",
    after: "if (Number(current.get()?.['epoch']) >= epoch) return",
    proofs: ['test/sqlite/executor-lock.test.ts', 'test/sqlite'],
  },
  {
    name: 'skip-the-executor-lock',
    is: 'two processes execute one store',
    file: 'src/sqlite/executor-lock.ts',
    before: 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE',
    after: 'PRAGMA journal_mode = DELETE; BEGIN',
    proofs: ['test/conformance'],
  },
  {
    name: 'rows-without-their-outcome',
    is: 'the rows of a transact step are committed before its outcome',
    file: 'src/sqlite/perform.ts',
    before: 'const work = give(hostRows)',
    after: `const work = give(hostRows)
      commit.run()
      begin.run()`,
    proofs: ['power cuts of transact'],
  },
  {
    name: 'an-outcome-without-its-rows',
    is: 'the rows of a transact step are taken back, and its outcome is not',
    file: 'src/engine/chains/transact-attempt.ts',
    before: 'if (stored.ok && !mark.submitted) transaction.undo()',
    after: 'if (stored.ok && (!mark.submitted || this.#place.attempt > 1)) transaction.undo()',
    proofs: ['test/property/transact.test.ts', 'kills of transact'],
  },
]
