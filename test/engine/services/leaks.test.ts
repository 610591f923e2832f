// Nothing is orphaned: after random trees and whatever happened to them, no timer, actor, signal or listener is left.

import process from 'node:process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnyActorRef } from 'xstate'
import { chain, createSupervisor, group, ready, service } from '../../../src/index.ts'
import type { Group, Service, ServiceContext } from '../../../src/index.ts'
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts'

interface Life {
  readonly id: string
  readonly signal: AbortSignal
  readonly listeners: Set<unknown>
  over: boolean
  end(how: 'end' | 'fail'): void
}

type Shape =
  | {
      readonly kind: 'service'
      readonly restart: 'permanent' | 'transient' | 'temporary'
      readonly obedient: boolean
      readonly probes: boolean
      readonly backoff: boolean
      readonly needy: boolean
    }
  | {
      readonly kind: 'group'
      readonly strategy: 'one_for_one' | 'rest_for_one' | 'one_for_all'
      readonly intensity: number
      readonly children: readonly Shape[]
    }

const { shape } = fc.letrec<{ shape: Shape; leaf: Shape; node: Shape }>((tie) => ({
  shape: fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('node')),
  leaf: fc.record({
    kind: fc.constant('service' as const),
    restart: fc.constantFrom('permanent', 'permanent', 'transient', 'temporary'),
    obedient: fc.boolean(),
    probes: fc.boolean(),
    backoff: fc.boolean(),
    needy: fc.boolean(),
  }),
  node: fc.record({
    kind: fc.constant('group' as const),
    strategy: fc.constantFrom('one_for_one', 'rest_for_one', 'one_for_all'),
    intensity: fc.integer({ min: 0, max: 3 }),
    children: fc.array(tie('shape'), { maxLength: 4 }),
  }),
}))
const stories = fc.array(
  fc.record({
    what: fc.constantFrom('fail', 'fail', 'end', 'terminate', 'restart', 'wait'),
    which: fc.nat({ max: 20 }),
    after: fc.constantFrom(0, 0, 100, 2_000, 11_000),
  }),
  { maxLength: 12 },
)

/** Counts the listeners of a signal as they come and go. */
function watch(signal: AbortSignal): Set<unknown> {
  const listeners = new Set<unknown>()
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners.add(args[1])
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners.delete(args[1])
    removeEventListener.apply(signal, args)
  }
  return listeners
}

test('whatever dies, all that was below it ends and goes', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 3 }), stories, async (shapes, story) => {
      const clock = createVirtualClock()
      const lives: Life[] = []
      const probed: AbortSignal[] = []
      const actors = new Set<AnyActorRef>()
      const names: string[] = []
      let before: Service | undefined
      const named = (): string => `n${names.push('') - 1}`

      const run =
        (obedient: boolean) =>
        async ({ id, signal }: ServiceContext) => {
          const listeners = watch(signal)
          await new Promise<void>((resolve, reject) => {
            const life: Life = {
              id,
              signal,
              listeners,
              over: false,
              end(how) {
                life.over = true
                signal.removeEventListener('abort', aborted)
                if (how === 'end') resolve()
                else reject(new Error('broke'))
              },
            }
            const aborted = (): void => {
              if (obedient) life.end('end')
            }
            signal.addEventListener('abort', aborted)
            lives.push(life)
          })
        }
      const build = (of: Shape): Service | Group => {
        const id = named()
        if (of.kind === 'group')
          return group(id, { strategy: of.strategy, intensity: of.intensity }, of.children.map(build))
        const check = async ({ signal }: { signal: AbortSignal }): Promise<void> => {
          probed.push(signal)
          // some never answer
          if (of.obedient) await new Promise(() => {})
        }
        const made = service(id, run(of.obedient), {
          restart: of.restart,
          ...(of.probes ? { alive: { check, period: '1s' }, ready: check } : {}),
          ...(of.backoff ? { backoff: true } : {}),
          ...(of.needy && before !== undefined ? { needs: [before] } : {}),
        })
        before = made
        return made
      }
      const tree = shapes.map(build)
      const waits = chain('waits')
        .needs(before === undefined ? {} : { before: ready(before) })
        .step('do', () => 1)
      const supervisor = await createSupervisor({
        chains: [...tree, waits],
        clock,
        stopOn: ['SIGTERM'],
        intensity: 2,
        inspect: (event) => {
          if (event.type === '@xstate.actor') actors.add(event.actorRef as AnyActorRef)
        },
      })
      expect(process.listenerCount('SIGTERM')).toBeGreaterThan(0)
      await supervisor.start(waits)
      for (const { what, which, after } of story) {
        await clock.settle()
        const alive = lives.filter(({ over }) => !over)
        const life = alive[which % Math.max(1, alive.length)]
        if (what === 'fail' || what === 'end') life?.end(what)
        if (what === 'terminate') void supervisor.services.terminateChild(`n${which % names.length}`)
        if (what === 'restart') void supervisor.services.restartChild(`n${which % names.length}`)
        await clock.advance(after)
        // at any time: only the newest life of a service may have a signal that is not aborted
        const open = lives.filter(({ signal }) => !signal.aborted).map(({ id }) => id)
        expect(new Set(open).size).toBe(open.length)
      }
      const listening = process.listenerCount('SIGTERM')
      const stopped = supervisor.stop()
      await clock.advance('1h')
      await stopped
      expect(process.listenerCount('SIGTERM')).toBe(listening - 1)
      expect(lives.filter(({ signal }) => !signal.aborted)).toEqual([])
      expect(probed.filter((signal) => !signal.aborted)).toEqual([])
      expect(clock.pending).toBe(0)
      for (const life of lives) if (!life.over) life.end('fail')
      await clock.settle()
      expect(lives.filter(({ listeners }) => listeners.size > 0)).toEqual([])
      const left = [...actors].filter(
        (actor) => (actor.getSnapshot() as { status: string }).status === 'active',
      )
      expect(left.map(({ id }) => id)).toEqual([])
    }),
    { numRuns: 150 },
  )
})

test('ten thousand children of one group start, and stop together', async () => {
  const clock = createVirtualClock()
  let alive = 0
  const pool = group('pool', { strategy: 'simple_one_for_one', intensity: 10 }, [
    service<number>('worker', async ({ signal, input }) => {
      alive++
      await new Promise<void>((stop) => signal.addEventListener('abort', () => stop(), { once: true }))
      alive -= input
    }),
  ])
  const supervisor = await createSupervisor({ chains: [pool], clock })
  const group_ = supervisor.services.group('pool')
  const starts = Array.from({ length: 10_000 }, async (_, at) =>
    group_.startChild({ name: `w${at}`, input: 1 }),
  )
  expect((await Promise.all(starts)).every(({ ok }) => ok)).toBe(true)
  expect(alive).toBe(10_000)
  expect(supervisor.healthz().services).toMatchObject([{ children: { active: 10_000 } }])
  await supervisor.stop()
  expect(alive).toBe(0)
  expect(clock.pending).toBe(0)
})

test('what a crash loop writes is bounded, and says what it left out', async () => {
  const clock = createVirtualClock()
  const events: { readonly skipped?: number | undefined }[] = []
  const loop = service('loop', async () => Promise.reject(new Error('again')), {
    backoff: { initial: '1s', max: '1s', jitter: 'none' },
  })
  const supervisor = await createSupervisor({ chains: [loop], clock, intensity: 1e9, period: 1_000 })
  supervisor.events$.subscribe((event) => {
    if (event.run === '~services') events.push(event as { skipped?: number })
  })
  await clock.advance('20m')
  expect(events.length).toBeLessThanOrEqual(64 + 20)
  expect(events.reduce((sum, { skipped = 0 }) => sum + skipped, events.length)).toBeGreaterThan(2_000)
  await supervisor.stop()
})
