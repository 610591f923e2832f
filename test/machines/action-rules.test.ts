// The rules of actions, one by one: what speaks against an action, and what is to be done about one that was taken.

import { describe, expect, test } from 'vitest'
import {
  type Deed,
  freedBy,
  holds,
  isLive,
  judge,
  oppose,
  type Proposed,
  refusalOf,
  type Signs,
  type Situation,
} from '../../machines/action-rules.ts'

const hold: Deed = {
  id: 'quarantine a',
  kind: 'quarantine',
  chains: ['a', 'b'],
  cause: 'it fails',
  takenAt: 0,
  checkAt: 50,
  until: 200,
  state: 'taken',
}
const move: Deed = { ...hold, id: 're-run-stale a', kind: 're-run-stale', chains: ['a'] }
const unblock: Deed = { ...move, id: 'unblock a', kind: 'unblock' }

test('quarantine and pause-downstream hold back; the others set something going', () => {
  const kinds = ['quarantine', 'pause-downstream', 're-run-stale', 'unblock'] as const
  expect(kinds.map(holds)).toEqual([true, true, false, false])
})

test('what holds back is live until it is taken back, what sets going until it is judged', () => {
  const states = ['taken', 'verified', 'undone', 'expired'] as const
  expect(states.map((state) => isLive({ ...hold, state }))).toEqual([true, true, false, false])
  expect(states.map((state) => isLive({ ...move, state }))).toEqual([true, false, false, false])
})

test('one opposes another where it holds back a chain that the other sets going', () => {
  expect(oppose(hold, move)).toBe(true)
  expect(oppose(move, hold)).toBe(true)
  expect(oppose(hold, { ...move, chains: ['c'] })).toBe(false)
  expect(oppose(hold, { ...hold, kind: 'pause-downstream' })).toBe(false)
  expect(oppose(move, unblock)).toBe(false)
  expect(oppose({ ...hold, chains: [] }, move)).toBe(false)
})

describe('an action is refused', () => {
  const proposed: Proposed = {
    id: 'quarantine a',
    kind: 'quarantine',
    chains: ['a', 'b'],
    cause: 'it fails',
    evident: true,
    dismissed: false,
    after: [],
  }
  const situation: Situation = {
    by: 'auto',
    policy: 'auto',
    now: 1_000,
    deeds: [],
    trials: new Map(),
    rest: 100,
  }
  const refused = (change: Partial<Proposed & Situation>) =>
    refusalOf({ ...proposed, ...change }, { ...situation, ...change })

  test('not, where nothing speaks against it', () => {
    expect(refused({})).toBeUndefined()
    expect(refused({ by: 'person', policy: 'ask' })).toBeUndefined()
    expect(refused({ deeds: [{ ...hold, id: 'quarantine c', state: 'undone' }] })).toBeUndefined()
  })

  test('by its policy, whoever asks', () => {
    const off = "the policy for quarantine is off: say { analyze: { policy: 'ask' } }"
    expect(refused({ policy: 'off' })).toBe(off)
    expect(refused({ policy: 'off', by: 'person' })).toBe(off)
  })

  test('by what is in force against it, and not by itself or by what is over', () => {
    const against = { ...proposed, id: 'unblock a', kind: 'unblock', chains: ['b'] } as const
    const said = 'it works against quarantine of a, b, which is in force: undo quarantine a first'
    expect(refused({ ...against, deeds: [hold] })).toBe(said)
    expect(refused({ ...against, deeds: [hold], by: 'person' })).toBe(said)
    expect(refused({ ...against, deeds: [{ ...hold, state: 'undone' }] })).toBeUndefined()
    expect(
      refused({ ...against, deeds: [{ ...hold, id: 'unblock a' }], cause: 'new', rest: 0 }),
    ).toBeUndefined()
    expect(refused({ ...against, chains: ['z'], deeds: [hold] })).toBeUndefined()
  })

  test('by a trial at one of its chains', () => {
    const trials = new Map([['b', 't7']])
    const said = 'trial t7 goes on at "b": wait for its end, or dismiss its suggestion'
    expect(refused({ trials })).toBe(said)
    expect(refused({ trials, by: 'person' })).toBe(said)
    expect(refused({ trials: new Map([['c', 't7']]) })).toBeUndefined()
  })

  test('by what only a person may leave out of account', () => {
    const reasons: [Partial<Proposed & Situation>, string][] = [
      [{ policy: 'ask' }, 'a person is to say so'],
      [{ dismissed: true }, 'a person said no'],
      [{ evident: false }, 'too little was seen'],
      [{ after: ['unblock x', 'unblock y'] }, 'first unblock x, unblock y is to be done'],
    ]
    for (const [change, reason] of reasons) {
      expect(refused(change)).toBe(reason)
      expect(refused({ ...change, by: 'person' })).toBeUndefined()
    }
  })

  test('by what came of it the last time: the same cause, or no rest', () => {
    const last: Deed = { ...hold, cause: 'something else', state: 'undone', endedAt: 950 }
    expect(refused({ deeds: [{ ...last, cause: 'it fails' }] })).toBe('it was done for this')
    expect(refused({ deeds: [last] })).toBe('it rests after the last time')
    expect(refused({ deeds: [last], now: 1_049 })).toBe('it rests after the last time')
    expect(refused({ deeds: [last], now: 1_050 })).toBeUndefined()
    expect(refused({ deeds: [last], by: 'person' })).toBeUndefined()
    const { endedAt: _, ...going } = last
    expect(refused({ deeds: [going] })).toBe('it rests after the last time')
    expect(refused({ deeds: [going], rest: 0 })).toBeUndefined()
    // only the last one counts
    expect(
      refused({
        deeds: [
          { ...last, cause: 'it fails' },
          { ...last, endedAt: 1 },
        ],
      }),
    ).toBeUndefined()
  })
})

describe('what holds back', () => {
  const judged = (signs: Partial<Signs>, now: number, deed: Deed = hold) =>
    judge(deed, { kept: true, begun: 0, ...signs }, now)

  test('waits until it is looked at, is then verified, and in the end over', () => {
    expect(judged({}, 49)).toEqual({ do: 'wait' })
    expect(judged({}, 50)).toEqual({
      do: 'verify',
      detail: 'no execution of "a", "b" has begun since',
    })
    expect(judged({}, 199, { ...hold, state: 'verified' })).toEqual({ do: 'wait' })
    expect(judged({}, 200, { ...hold, state: 'verified' })).toEqual({
      do: 'undo',
      why: 'its time is over: what runs now shows how it is',
      expired: true,
    })
  })

  test('is undone where somebody else changed the config, its reason is gone, or it did not help', () => {
    expect(judged({ kept: false, mended: 'it is well' }, 0)).toEqual({
      do: 'undo',
      why: 'the config was changed by somebody else',
    })
    expect(judged({ mended: 'it is well', begun: 1 }, 0)).toEqual({ do: 'undo', why: 'it is well' })
    expect(judged({ begun: 1 }, 500)).toEqual({
      do: 'undo',
      why: 'it did not help: "a", "b" began once all the same',
    })
    expect(judged({ begun: 2 }, 0)).toEqual({
      do: 'undo',
      why: 'it did not help: "a", "b" began 2 times all the same',
    })
  })
})

describe('what sets going', () => {
  const judged = (run: Signs['run'], now: number, deed: Deed = move) =>
    judge(deed, { kept: true, begun: 0, run }, now)

  test('is verified or undone by how its run ends, whenever that is', () => {
    expect(judged('succeeded', 500)).toEqual({ do: 'verify', detail: 'it came to its end' })
    expect(judged('failed', 500)).toEqual({
      do: 'undo',
      why: 'it did not help: it did not come to a good end',
    })
  })

  test('is done where it has not begun, waited for while it goes on, and in the end over', () => {
    expect(judged('absent', 0)).toEqual({ do: 'perform' })
    expect(judged('going', 199)).toEqual({ do: 'wait' })
    expect(judged(undefined, 199)).toEqual({ do: 'wait' })
    for (const run of ['absent', 'going', undefined] as const)
      expect(judged(run, 200)).toEqual({
        do: 'undo',
        why: 'it did not come to its end in time',
        expired: true,
      })
  })

  test('has done enough where it unblocks, and what was blocked goes on', () => {
    expect(judged('going', 49, unblock)).toEqual({ do: 'wait' })
    expect(judged('going', 50, unblock)).toEqual({ do: 'verify', detail: 'it goes on' })
    expect(judged(undefined, 60, unblock)).toEqual({ do: 'wait' })
    expect(judged('going', 60)).toEqual({ do: 'wait' })
  })
})

test('a chain is freed where nothing else of that kind holds it back', () => {
  const other: Deed = { ...hold, id: 'quarantine b', chains: ['b'] }
  expect(freedBy(hold, [hold])).toEqual(['a', 'b'])
  expect(freedBy(hold, [hold, other])).toEqual(['a'])
  expect(freedBy(hold, [hold, { ...other, state: 'undone' }])).toEqual(['a', 'b'])
  expect(freedBy(hold, [hold, { ...other, kind: 'pause-downstream' }])).toEqual(['a', 'b'])
})
