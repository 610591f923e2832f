// An end is told when it is durable, however the memory of the process is ahead of its disk.

import { expect, test, vi } from 'vitest'
import { CatenaryError, chain, createSupervisor, type Run, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

/** A store whose next append takes until it is let go. */
function slowStore(): Store & { hold(): void; release(): void } {
  const inner = createMemoryStore()
  let held = false
  let release = (): void => {}
  return {
    ...inner,
    append: (batch) => {
      if (!held) return inner.append(batch)
      return new Promise((resolve) => (release = () => resolve(inner.append(batch))))
    },
    hold: () => void (held = true),
    release() {
      held = false
      release()
    },
  }
}

/** A run whose step has returned and whose end is being written. */
async function ending(): Promise<{
  run: Run
  settle(): Promise<void>
  release(): void
  stop(): Promise<void>
}> {
  const clock = createVirtualClock()
  let finish: (output: string) => void = () => {}
  const work = chain('work')
    .step('do', async () => new Promise<string>((resolve) => (finish = resolve)))
    .choose('more', (c) =>
      c.when(
        ({ steps }) => steps.do === 'more',
        (b) => b.wait('word'),
      ),
    )
    .returns(({ steps }) => steps.do)
  const store = slowStore()
  const supervisor = await createSupervisor({ chains: [work], store, clock })
  const run = await supervisor.start(work)
  await clock.settle()
  store.hold()
  finish('done')
  await clock.settle()
  return {
    run,
    settle: async () => clock.settle(),
    release: () => store.release(),
    stop: async () => supervisor.stop(),
  }
}

test.each<[string, (run: Run) => Promise<unknown>]>([
  ['a result', async (run) => run.result()],
  ['the refusal of a signal', async (run) => run.signal('word').catch((error: unknown) => codeOf(error))],
  ['the refusal of a pause', async (run) => run.pause().catch((error: unknown) => codeOf(error))],
])('%s that is asked for while the end is being written waits for it', async (_, ask) => {
  const { run, settle, release, stop } = await ending()
  const told = vi.fn<(what: unknown) => void>()
  void ask(run).then(told)
  await settle()
  expect(told).not.toHaveBeenCalled()
  release()
  await settle()
  expect(told.mock.calls).toEqual([[expect.stringMatching(/^(done|RUN_ENDED)$/)]])
  await stop()
})

const codeOf = (error: unknown): string => (CatenaryError.is(error) ? error.code : String(error))
