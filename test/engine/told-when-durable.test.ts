// An end is told when it is durable, however the memory of the process is ahead of its disk.

import { expect, test, vi } from 'vitest'
import { chain, createSupervisor, type Store } from '../../src/index.ts'
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

test('a result that is asked for while the end is being written waits for it', async () => {
  const clock = createVirtualClock()
  let finish: (output: string) => void = () => {}
  const work = chain('work').step('wait', async () => new Promise<string>((resolve) => (finish = resolve)))
  const store = slowStore()
  const supervisor = await createSupervisor({ chains: [work], store, clock })
  const run = await supervisor.start(work)
  await clock.settle()
  store.hold()
  finish('done')
  await clock.settle()
  const told = vi.fn<() => void>()
  const result = run.result()
  void result.then(told)
  await clock.settle()
  expect(told).not.toHaveBeenCalled()
  store.release()
  await clock.settle()
  expect(await result).toBe('done')
  await supervisor.stop()
})
