// What the host hands in may throw: subscribers, logger, inspector, clock. It never ends the process, nor a run.

import { firstValueFrom, map, merge, NEVER, take, toArray } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { withInput } from '../../src/chain/edge.ts'
import { service } from '../../src/chain/service.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { createRig } from './rig.ts'

const bug = (): never => {
  throw new TypeError("the host's own")
}
const work = chain('work')
  .step('first', async ({ progress }) => {
    progress(0.5)
    progress(1)
  })
  .step('second', async () => 'done')

interface Log {
  readonly lines: string[]
  info(): void
  warn(line: unknown, message: string): void
  error(line: unknown, message: string): void
}

function createLog(): Log {
  const lines: string[] = []
  const keep = (_: unknown, message: string): void => void lines.push(message)
  return { lines, info() {}, warn: keep, error: keep }
}

/** What would have ended the process. */
function watchUncaught(): unknown[] {
  const caught: unknown[] = []
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const keep = (error: unknown): void => void caught.push(error)
  process.on('uncaughtException', keep)
  onTestFinished(() => {
    process.removeListener('uncaughtException', keep)
    for (const other of others) process.on('uncaughtException', other)
  })
  return caught
}

/** rxjs throws what nobody handles from a timer. */
const timersRan = async (): Promise<void> => {
  for (let round = 0; round < 3; round++)
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 0)
    })
}

describe('a subscriber that throws', () => {
  test('is told to the logger once, gets what comes next, and harms nobody', async () => {
    const uncaught = watchUncaught()
    const logger = createLog()
    const rig = await createRig([work], { logger })
    let calls = 0
    const heard: string[] = []
    rig.supervisor.events$.subscribe(() => {
      calls++
      bug()
    })
    rig.supervisor.events$.subscribe({ next: ({ type }) => void heard.push(type) })
    rig.supervisor.progress$.subscribe({ next: bug })
    expect(await rig.until(rig.supervisor.run(work))).toBe('done')
    await timersRan()
    expect(uncaught).toEqual([])
    expect(heard.at(-1)).toBe('run.ended')
    expect(calls).toBe(heard.length)
    expect(logger.lines.toSorted()).toEqual([
      "a subscriber of events$ threw, and is told of once: TypeError: the host's own",
      "a subscriber of progress$ threw, and is told of once: TypeError: the host's own",
    ])
  })

  test('in an operator and handles no errors gets nothing more', async () => {
    const uncaught = watchUncaught()
    const logger = createLog()
    const rig = await createRig([work], { logger })
    const run = await rig.start(work)
    let ended = 0
    const piped = run.events$.pipe(map(bug), take(5))
    piped.subscribe(() => void ended++)
    const errors: unknown[] = []
    piped.subscribe({ error: (error) => void errors.push(error) })
    piped.subscribe({ error: bug })
    const first = expect(firstValueFrom(piped)).rejects.toThrow("the host's own")
    await rig.until(run.result())
    await first
    await timersRan()
    expect(uncaught).toEqual([])
    expect(ended).toBe(0)
    expect(errors).toEqual([new TypeError("the host's own")])
    expect(logger.lines).toEqual([
      "a subscriber of events$ failed and gets nothing more: TypeError: the host's own",
      "a subscriber of events$ threw, and is told of once: TypeError: the host's own",
    ])
  })

  test('as the stream completes is told to the logger', async () => {
    const uncaught = watchUncaught()
    const logger = createLog()
    const rig = await createRig([work], { logger })
    rig.supervisor.events$.subscribe({ complete: bug })
    rig.supervisor.events$.subscribe(null, null, bug)
    await rig.until(rig.supervisor.stop())
    await timersRan()
    expect(uncaught).toEqual([])
    expect(logger.lines).toHaveLength(2)
  })

  test('changes nothing for others: operators, arguments and unsubscribing work as in rxjs', async () => {
    const rig = await createRig([work])
    const types = rig.supervisor.events$.pipe(
      map(({ type }) => type),
      take(2),
      toArray(),
    )
    const both = firstValueFrom(merge(types, NEVER))
    let heard = 0
    const subscription = rig.supervisor.events$.subscribe(() => void heard++)
    subscription.unsubscribe()
    rig.supervisor.events$.subscribe()
    await rig.until(rig.supervisor.run(work))
    expect(await both).toEqual(['run.accepted', 'chain.started'])
    expect(heard).toBe(0)
  })
})

test.for(['info', 'warn', 'error'] as const)(
  'a logger whose %s throws or rejects loses its lines only',
  async (level) => {
    const uncaught = watchUncaught()
    const rejects = async (): Promise<never> => bug()
    for (const broken of [bug, rejects as () => never]) {
      const logger = { info() {}, warn() {}, error() {}, [level]: broken }
      const speaks = chain('speaks').step('s', ({ log }) => {
        log[level]('here')
        return 'done'
      })
      const rig = await createRig([speaks], { logger, inspect: bug })
      rig.supervisor.events$.subscribe(bug)
      expect(await rig.until(rig.supervisor.run(speaks))).toBe('done')
      await rig.until(rig.supervisor.stop())
    }
    await timersRan()
    expect(uncaught).toEqual([])
  },
)

test('an inspector that throws is told to the logger once, and no actor is harmed', async () => {
  const uncaught = watchUncaught()
  const logger = createLog()
  const rig = await createRig([work], { logger, inspect: bug })
  expect(await rig.until(rig.supervisor.run(work))).toBe('done')
  await timersRan()
  expect(uncaught).toEqual([])
  expect(logger.lines).toEqual(["the inspector threw: TypeError: the host's own"])
})

test('a clock that throws at any one time ends no process, and whoever waits is answered', async () => {
  const uncaught = watchUncaught()
  const answers = new Set<unknown>()
  for (let at = 1; at <= 60; at++) {
    const clock = createVirtualClock()
    let calls = 0
    const broken: Clock = {
      ...clock,
      now() {
        if (++calls === at) bug()
        return clock.now()
      },
    }
    const logger = createLog()
    const tries = chain('tries').step('s', ({ attempt }) => (attempt === 1 ? bug() : 'done'), {
      attempts: 2,
      timeout: '1s',
    })
    const answer = (async () => {
      const supervisor = await supervise(createMemoryStore(), { chains: [tries], clock: broken, logger })
      const end = await supervisor.run(tries).catch((error: unknown) => (error as { code?: string }).code)
      await supervisor.stop()
      return end
    })().catch(() => 'refused')
    await clock.advance('1m')
    answers.add(await answer)
  }
  await timersRan()
  expect(uncaught).toEqual([])
  expect([...answers]).toContain('done')
})

describe('a listener of a signal that throws', () => {
  const listens = (signal: AbortSignal): void => {
    signal.addEventListener('abort', bug)
    signal.addEventListener('abort', (): unknown => Promise.reject(new Error('later')))
    signal.addEventListener('abort', { handleEvent: bug })
    Object.assign(signal, { onabort: bug })
  }

  test('in a step is told to the logger, and ends no process', async () => {
    const uncaught = watchUncaught()
    const logger = createLog()
    const deaf = chain('deaf').step(
      'wait',
      async ({ signal }) => {
        listens(signal)
        return new Promise(() => {})
      },
      { timeout: 10 },
    )
    const rig = await createRig([deaf], { logger })
    expect(await rig.until(rig.supervisor.settled(deaf))).toMatchObject({ status: 'failed' })
    await timersRan()
    expect(uncaught).toEqual([])
    expect(logger.lines).toEqual([
      "a listener of its signal threw: TypeError: the host's own",
      "a listener of its signal threw: TypeError: the host's own",
      "a listener of its signal threw: TypeError: the host's own",
      'a listener of its signal threw: Error: later',
    ])
  })

  test('in a service or its probe is told to the logger, and ends no process', async () => {
    const uncaught = watchUncaught()
    const logger = createLog()
    const server = service(
      'server',
      async ({ signal }) => {
        listens(signal)
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(undefined))
        })
      },
      { alive: ({ signal }) => listens(signal) },
    )
    const rig = await createRig([server], { logger })
    await rig.advance('1s')
    await rig.until(rig.supervisor.stop())
    await timersRan()
    expect(uncaught).toEqual([])
    expect(new Set(logger.lines)).toEqual(
      new Set([
        "a listener of its signal threw: TypeError: the host's own",
        'a listener of its signal threw: Error: later',
        "a listener of the signal of its alive probe threw: TypeError: the host's own",
        'a listener of the signal of its alive probe threw: Error: later',
      ]),
    )
  })
})

test('what is thrown may be anything, also what cannot be made a text', async () => {
  const uncaught = watchUncaught()
  const logger = createLog()
  const rig = await createRig([work], { logger })
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const thrown of [Object.create(null), proxy, { toString: bug, toJSON: bug }, Symbol('x')])
    rig.supervisor.events$.subscribe(() => {
      throw thrown
    })
  expect(await rig.until(rig.supervisor.run(work))).toBe('done')
  await timersRan()
  expect(uncaught).toEqual([])
  expect(logger.lines).toHaveLength(4)
  const upstream = chain('upstream')
  const needy = chain('needy').needs({
    upstream: withInput(upstream, () => {
      throw Object.create(null)
    }),
  })
  const other = await createRig([upstream, needy])
  await expect(other.start(needy)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
})
