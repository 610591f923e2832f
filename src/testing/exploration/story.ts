// One run of a chain from its start to where it comes to rest, with what goes wrong on its way.

import { isEnd } from '../../engine/runs/run-result.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { inWords } from '../../kernel/failure.ts'
import { createHarness } from '../harness/create-harness.ts'
import type { End, Harness } from '../harness/harness.ts'
import type { Visited } from '../paths/visited.ts'
import { type Memory, act, actWrongly } from './acts.ts'
import { type Fault, placeOf } from './fault.ts'
import { createHands } from './hands.ts'
import { type Broken, type Call, callOf, firstBroken, seenOf } from './seen.ts'
import type { Setting } from './setting.ts'
import { type Told, isOver, nextTurn, tellTurn } from './turns.ts'

export interface Story {
  /** Those before have `place` empty, where only those after so many faults are of interest. */
  readonly turns: readonly (Told & {
    /** How many faults had been before. */
    readonly before: number
  })[]
  /** What went wrong, in order. */
  readonly faults: readonly Fault[]
  readonly lines: readonly string[]
  /** Whether it began without a free slot. */
  readonly occupied: boolean
  /** What happened, where something is broken. */
  readonly timeline: string
  readonly broken: Broken | undefined
  readonly visited: ReadonlyMap<string, Visited>
}

/** What goes wrong at a turn, if anything does. */
export type Fate = (turn: Told) => Fault | undefined

/** After so many turns a story is left as it is. */
const mostTurns = 2_000

const start: Told = {
  at: 'start',
  nth: 1,
  place: 'start',
  scene: { kind: 'start', timed: false, commits: 0, ahead: [] },
}

/** @param again how often the last of them strikes once more, at later turns of its kind. */
export function fateOf(script: readonly Fault[], again = 0): Fate {
  const faults = new Map(script.map((one) => [placeOf(one), one]))
  const last = script.at(-1)
  let left = again
  return (turn) => {
    const fault = faults.get(placeOf(turn))
    if (fault !== undefined || last === undefined || left === 0) return fault
    if (turn.at !== last.at || turn.nth <= (last.nth ?? 1)) return undefined
    left--
    return { ...last, nth: turn.nth }
  }
}

/** @param placedAfter after how many faults it is noted where the machines are. */
export async function tell(setting: Setting, fate: Fate, placedAfter = Infinity): Promise<Story> {
  const { chain, options, world: makeWorld } = setting
  const world = worldBy(makeWorld)
  const first = fate(start)
  const occupied = first?.does === 'no-slots'
  const t: Harness = await createHarness(chain, {
    ...options,
    ...(world === undefined ? {} : { app: world as never }),
    occupied,
    hold: true,
  })
  const calls: Call[] = []
  const turns = [{ ...start, before: 0 }]
  const faults: Fault[] = first === undefined ? [] : [first]
  let broken: Broken | undefined
  const check = (end?: End): void => {
    broken ??= firstBroken(setting.invariants, seenOf(t, { world, calls, end }))
  }
  const follow = (): { unsubscribe(): void } =>
    t.supervisor.events$.subscribe({ next: () => check(), error: () => {} })
  let following = follow()
  let { supervisor: alive } = t
  const hands = createHands(t, () => check())
  const memory: Memory = {
    silent: new Set(),
    late: new Set(),
    sent: new Set(),
    gone: new Set(),
    called: (attempt) => void calls.push(callOf(attempt)),
    ended: () => isOver(t.events(), memory.looked),
    looked: false,
    full: occupied,
  }
  const counts = new Map<string, number>()
  try {
    check()
    while (broken === undefined && turns.length < mostTurns && !memory.ended()) {
      const turn = await nextTurn(hands, memory, setting)
      const told = tellTurn(turn, t, { counts, memory, setting, placed: faults.length >= placedAfter })
      const { length: before } = faults
      const { length: events } = t.events()
      const { commits } = t
      const fault = fate(told)
      if (fault === undefined) await act(turn, hands, memory)
      else {
        faults.push(fault)
        await actWrongly(turn, fault, { hands, memory, setting })
      }
      turns.push({ ...told, before, scene: { ...told.scene, commits: t.commits - commits } })
      if (t.run === undefined) {
        broken ??= {
          invariant: 'what was accepted is not lost',
          message: 'after a crash there is no such run',
        }
        break
      }
      if (t.supervisor !== alive) {
        following.unsubscribe()
        alive = t.supervisor
        following = follow()
      }
      if (fault !== undefined || t.events().length > events) continue
      // nothing came of it, and nothing will
      if (turn.kind === 'signal') memory.gone.add(turn.name)
      if (turn.kind === 'time') break
    }
    if (broken === undefined && turns.length < mostTurns) {
      const end = memory.ended() ? await t.end() : undefined
      check(end)
      broken ??= firstBroken(setting.own, seenOf(t, { world, calls, end })) ?? (await standsStill(t))
    }
  } catch (error) {
    broken ??= { invariant: 'the engine itself does not fail', message: inWords(error) }
  }
  following.unsubscribe()
  const { visited } = t.history()
  const timeline = broken === undefined ? '' : t.timeline()
  await t.stop()
  return { turns, faults, lines: hands.lines, occupied, timeline, broken, visited }
}

function worldBy(make: () => unknown): unknown {
  try {
    return make()
  } catch (cause) {
    throw new CatenaryError('BAD_OPTION', `world of explore() threw (${inWords(cause)}): mend it`, { cause })
  }
}

/** It waits for something that has a name, or it should not. */
async function standsStill(t: Harness): Promise<Broken | undefined> {
  if (isEnd(await t.run.status())) return undefined
  const { sentence, causes } = await t.run.explain()
  const named = causes.some(({ kind }) => kind === 'signal' || kind === 'machine' || kind === 'service')
  if (named) return undefined
  return { invariant: 'a run ends, or waits for something that has a name', message: sentence }
}
