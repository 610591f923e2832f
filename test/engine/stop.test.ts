// Stopping: attempts in flight end, none starts, and the rest goes on at the next start.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chain, createSupervisor } from '../../src/index.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

test('a stop lets the item in flight end and starts no other, and the next start goes on behind it', async () => {
  const clock = createVirtualClock()
  const contents = createMemoryContents()
  const started: string[] = []
  let finish = (): void => {}
  const four = chain('four').each(
    'work',
    () => ['a', 'b', 'c', 'd'],
    async (item) => {
      started.push(item)
      if (item === 'a') await new Promise<void>((resolve) => (finish = resolve))
    },
    { key: (item) => item, inFlight: 1 },
  )
  const first = await createSupervisor({ chains: [four], store: createMemoryStore(contents), clock })
  const { id } = await first.start(four)
  await clock.settle()
  const stopped = first.stop()
  finish()
  await clock.settle()
  await stopped
  expect(started).toEqual(['a'])

  const second = await createSupervisor({ chains: [four], store: createMemoryStore(contents), clock })
  await clock.settle()
  expect(await (await second.get(id))?.status()).toBe('succeeded')
  expect(started).toEqual(['a', 'b', 'c', 'd'])
  await second.stop()
})

test('who stops it while it stops waits for the same end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'catenary-stop-'))
  const one = chain('one').step('s', () => 1)
  const supervisor = await createSupervisor({ chains: [one], store: join(folder, 'app.db') })
  await supervisor.run(one)
  await Promise.all([supervisor.stop(), supervisor.stop({ drain: 0 }), supervisor.stop()])
  expect(supervisor.state).toBe('stopped')
  await supervisor.stop()
  await rm(folder, { recursive: true })
})
