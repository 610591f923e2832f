// What simulations are made of: time that jumps, what is under way, draws by name, and what a record says of each place.

import { describe, expect, test } from 'vitest'
import type { AttemptFailure, AttemptRecord } from '../../../src/observe/attempt-record.ts'
import { createAgenda } from '../../../src/reflection/simulate/agenda.ts'
import { createDraws, placeOf, serviceOf } from '../../../src/reflection/simulate/draws.ts'
import { Recorded } from '../../../src/reflection/simulate/recorded.ts'
import { Scope } from '../../../src/reflection/simulate/scope.ts'
import { attempt, failed, ran, run, wait } from '../../analysis/made.ts'
import { many } from '../viewed.ts'

describe('an agenda', () => {
  test('jumps from one thing that is due to the next, and does what is due together in recorded order', () => {
    const agenda = createAgenda(1000)
    const done: string[] = []
    const note = (what: string) => () => void done.push(`${what} ${agenda.now()}`)
    agenda.at(1500, note('last'))
    agenda.at(1200, note('later'), 7)
    agenda.at(1200, note('sooner'), 3)
    agenda.soon(note('soon'))
    const cancel = agenda.at(1300, note('never'))
    cancel()
    expect(agenda.now()).toBe(1000)
    expect(agenda.run(10)).toBe(true)
    expect(done).toEqual(['soon 1000', 'sooner 1200', 'later 1200', 'last 1500'])
    expect([agenda.now(), agenda.monotonic(), agenda.random()]).toEqual([1500, 1500, 0.5])
  })

  test('never goes back', () => {
    const agenda = createAgenda(1000)
    let at = 0
    agenda.at(400, () => (at = agenda.now()))
    agenda.run(10)
    expect(at).toBe(1000)
  })

  test('stops where there is more to do than may be', () => {
    const agenda = createAgenda(0)
    let times = 0
    const again = (): void => {
      times++
      agenda.at(agenda.now() + 1, again)
    }
    again()
    expect(agenda.run(5)).toBe(false)
    expect(times).toBe(6)
    const three = createAgenda(0)
    for (const due of [1, 2, 3]) three.at(due, () => {})
    expect(three.run(3)).toBe(false)
    expect(three.run(1)).toBe(true)
  })
})

describe('what is under way', () => {
  test('follows at once where it is no time at all, and else in its turn', () => {
    const agenda = createAgenda(0)
    const scope = new Scope()
    const done: string[] = []
    scope.after(agenda, 0, () => done.push('at once'))
    scope.later(agenda, 0, () => done.push('its own turn'))
    scope.after(agenda, 5, () => done.push(`at ${agenda.now()}`))
    scope.later(agenda, -5, () => done.push(`at ${agenda.now()}`))
    expect(done).toEqual(['at once'])
    agenda.run(10)
    expect(done).toEqual(['at once', 'its own turn', 'at 0', 'at 5'])
  })

  test('is cut off all at once, with what is within it, and only once', () => {
    const agenda = createAgenda(0)
    const scope = new Scope()
    const done: string[] = []
    scope.later(agenda, 5, () => done.push('never'))
    const inner = scope.inner()
    inner.onCut(() => done.push('inner'))
    const back = scope.onCut(() => done.push('taken back'))
    back()
    scope.onCut(() => {
      done.push('cut')
      scope.cut()
    })
    expect([scope.over, inner.over]).toEqual([false, false])
    scope.cut()
    scope.cut()
    expect([scope.over, inner.over]).toEqual([true, true])
    scope.after(agenda, 0, () => done.push('after it'))
    scope.after(agenda, 1, () => done.push('after it'))
    scope.later(agenda, 1, () => done.push('after it'))
    agenda.run(10)
    expect(done).toEqual(['inner', 'cut'])
  })

  test('that has happened is not cut off', () => {
    const agenda = createAgenda(0)
    const scope = new Scope()
    let cuts = 0
    scope.later({ ...agenda, at: (due, fire) => (agenda.at(due, fire), () => void cuts++) }, 5, () => {})
    agenda.run(10)
    scope.cut()
    expect(cuts).toBe(0)
  })

  test('that is cut off within leaves what is around it', () => {
    const scope = new Scope()
    scope.inner().cut()
    expect(scope.over).toBe(false)
  })
})

describe("what an attempt's function did", () => {
  const slow: AttemptFailure = { kind: 'timeout', class: 'timeout', message: '', retryable: true }
  const late = { outcome: 'succeeded', at: 170 } as const
  test.for([
    ['took so long and succeeded', attempt('s', 20, 50), { ms: 30, failure: undefined }],
    [
      'took so long and failed',
      failed('s', 20, 50, { failure: slow && { ...slow, kind: 'thrown' } }),
      { ms: 30, failure: { kind: 'thrown' } },
    ],
    ['took no time where the clock was put back', attempt('s', 50, 20), { ms: 0, failure: undefined }],
    ['is not known where it never began', attempt('s', 0, 5, { startedAt: undefined }), undefined],
    ['is not known where it has not ended', attempt('s', 0, 5, { endedAt: undefined }), undefined],
    ['is not known without an outcome', attempt('s', 0, 5, { outcome: undefined }), undefined],
    ['is not known where it was aborted', attempt('s', 0, 5, { outcome: 'aborted' }), undefined],
    ['is not known where it was lost', attempt('s', 0, 5, { outcome: 'lost' }), undefined],
    ['is not known where a timeout cut it off', failed('s', 0, 100, { failure: slow }), undefined],
    [
      'is not known where a deadline cut it off',
      failed('s', 0, 100, { failure: { ...slow, kind: 'deadline' } }),
      undefined,
    ],
    [
      'is known where it ended late',
      failed('s', 20, 120, { failure: slow, late }),
      { ms: 150, failure: undefined },
    ],
    [
      'is known where it ended late, past its deadline',
      failed('s', 20, 120, { failure: { ...slow, kind: 'deadline' }, late }),
      { ms: 150 },
    ],
    [
      'took no time where it ended before it began',
      failed('s', 180, 190, { failure: slow, late }),
      { ms: 0 },
    ],
    [
      'is not known where it failed late',
      failed('s', 20, 120, { failure: slow, late: { ...late, outcome: 'failed' } }),
      undefined,
    ],
  ] as const satisfies readonly (readonly [string, AttemptRecord, object | undefined])[])(
    '%s',
    ([, one, expected]) => {
      if (expected === undefined) expect(serviceOf(one)).toBeUndefined()
      else expect(serviceOf(one)).toMatchObject(expected)
    },
  )
})

describe('draws', () => {
  const took = (ms: number, given: Partial<AttemptRecord> = {}) => attempt('s', 0, ms, given)
  const records = [
    run('a', [ran('c', 0, 100, { attempts: [took(50), took(10), took(30, { memo: true })] })]),
    run('b', [ran('c', 0, 100, { status: 'failed', attempts: [took(20, { part: 'fallback' }), took(40)] })]),
    run('x', [ran('c', 0, 100, { key: 'never', startedAt: undefined })]),
    run('y', [ran('c', 0, 100, { key: 'other' })]),
  ]
  const draws = createDraws(records, 1)
  const drawn = (over: number, step = 's') =>
    new Set(many(60, (at) => draws.service('c', step, over, `n${at}`)?.ms))

  test('are of what took longer than so long, each as likely', () => {
    expect(drawn(0)).toEqual(new Set([10, 40, 50]))
    expect(drawn(-1)).toEqual(new Set([10, 40, 50]))
    expect(drawn(10)).toEqual(new Set([40, 50]))
    expect(drawn(49)).toEqual(new Set([50]))
    expect(drawn(50)).toEqual(new Set([undefined]))
    expect(drawn(0, 's:fallback')).toEqual(new Set([20]))
    expect(drawn(0, 'unknown')).toEqual(new Set([undefined]))
  })

  test('are of what took no time as well', () => {
    const quick = createDraws([run('a', [ran('c', 0, 1, { attempts: [took(0)] })])], 1)
    expect(quick.service('c', 's', 0, 'n')?.ms).toBe(0)
  })

  test('are the same by the same name and seed', () => {
    const names = many(20, (at) => `n${at}`)
    const all = (one: typeof draws): readonly number[] => names.map((name) => one.chance(name))
    expect(all(createDraws([], 1))).toEqual(all(draws))
    expect(all(createDraws([], 2))).not.toEqual(all(draws))
    expect(new Set(all(draws)).size).toBe(20)
    for (const chance of all(draws)) expect(chance >= 0 && chance < 1).toBe(true)
  })

  test('of a record to go by are of those that began and succeeded', () => {
    const donors = new Set(many(40, (at) => draws.donor('c', `n${at}`)?.key))
    expect(donors).toEqual(new Set(['c', 'other']))
    expect(many(40, (at) => draws.donor('c', `n${at}`)?.status)).not.toContain('failed')
    expect(draws.donor('d', 'n')).toBeUndefined()
  })

  test('name a fallback apart from its step', () => {
    expect([placeOf('c', 's'), placeOf('c', 's', 'fallback')]).toEqual(['c/s', 'c/s:fallback'])
  })
})

describe('what a record says', () => {
  const [first, second] = [attempt('s', 0, 5), attempt('s', 5, 9, { attempt: 2 })]
  const instead = attempt('s', 9, 12, { part: 'fallback' })
  const undone = attempt('s', 12, 80, { part: 'compensation' })
  const items = ['#1/x', '#1/y', '#2/x', '#10/x'].map((item) => attempt('e', 20, 30, { item }))
  const rounds = ['#1', '#2', '#11', '#2#3'].map((item) => attempt('r', 20, 30, { item }))
  const waits = [
    wait('go', 'signal', 30, 40),
    { ...wait('go', 'signal', 41, 42), item: '#2' },
    wait('go', 'signal', 43, 60),
    wait('rest', 'timer', 30, 33),
    wait('call', 'call', 30, 33),
  ]
  const chain = ran('c', 0, 100, { attempts: [first, second, instead, undone, ...items, ...rounds], waits })
  const called = [
    ran('d', 50, 70, { key: 'd~1', call: { chain: 'c', step: 'call', item: 'x' } }),
    ran('d', 50, 90, { key: 'd~2', call: { chain: 'c', step: 'other' } }),
    ran('d', 50, 95, { key: 'd~3', call: { chain: 'z', step: 'call' } }),
  ]
  const own = new Recorded(chain, run('r', [chain, ...called]))
  const foreign = new Recorded(chain, undefined)

  test('of a step are its attempts in their order, the fallback apart, and nothing of how it was undone', () => {
    expect(own.attempts('s', undefined)).toEqual({
      step: 's',
      item: undefined,
      main: [first, second],
      fallback: [instead],
    })
    expect(own.attempts('e', '#1/y')).toEqual({ step: 'e', item: '#1/y', main: [items[1]], fallback: [] })
    expect(own.attempts('e', undefined)).toBeUndefined()
    expect(new Recorded(ran('c', 0, 9, { attempts: [undone] }), undefined).has('s')).toBe(false)
  })

  test('of items are those of their round, in the order in which they came forward', () => {
    expect(own.items('e', undefined)).toEqual(['#1/x', '#1/y', '#2/x', '#10/x'])
    expect(own.items('e', '#1')).toEqual(['#1/x', '#1/y'])
    expect(own.items('s', undefined)).toEqual([''])
    expect(own.items('none', undefined)).toEqual([])
  })

  test('of rounds is the last that any step was in', () => {
    expect(own.rounds(['r'], '')).toBe(11)
    expect(own.rounds(['r', 'e'], '#2')).toBe(3)
    expect(own.rounds(['s'], '')).toBe(0)
    expect(own.rounds(['e', 'none'], '')).toBe(10)
  })

  test('of waits are signals, timers and calls, each once', () => {
    const taken = new Map<string, number>()
    expect(own.nextWait('go', undefined, taken)).toBe(waits[0])
    expect(own.nextWait('go', undefined, taken)).toBe(waits[2])
    expect(own.nextWait('go', undefined, taken)).toBeUndefined()
    expect(own.nextWait('go', '#2', taken)).toBe(waits[1])
    expect(own.nextWait('rest', undefined, taken)).toBe(waits[3])
    expect(own.nextWait('call', undefined, taken)).toBe(waits[4])
    // who was asked in vain is asked for the first
    expect(own.nextWait('none', undefined, taken)).toBeUndefined()
    expect(taken.get('none')).toBeUndefined()
    expect(own.nextWait('go', undefined, new Map())).toBe(waits[0])
  })

  test('of a place is that it was come to', () => {
    expect(['s', 'e', 'go', 'rest', 'call', 'none'].map((name) => own.has(name))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ])
  })

  test('of calls are the chains of that step, of its own run', () => {
    expect(own.called('call')).toEqual([called[0]])
    expect(own.called('none')).toEqual([])
    expect(foreign.called('call')).toEqual([])
    expect([own.own, foreign.own]).toEqual([true, false])
  })

  test('of its end is what came after the last of its work', () => {
    // the chain that it called ended at 90
    expect(own.epilogue).toBe(10)
    // signals were waited for until 60
    expect(foreign.epilogue).toBe(40)
    expect(new Recorded(ran('c', 0, 100, { attempts: [first, undone] }), undefined).epilogue).toBe(95)
    expect(new Recorded(ran('c', 10, 100), undefined).epilogue).toBe(90)
    expect(new Recorded(ran('c', 0, undefined, { attempts: [first] }), undefined).epilogue).toBe(0)
    expect(new Recorded(ran('c', 0, 100, { startedAt: undefined }), undefined).epilogue).toBe(0)
    expect(new Recorded(ran('c', 0, 3, { attempts: [first] }), undefined).epilogue).toBe(0)
    expect(
      new Recorded(
        ran('c', 0, 30, {
          attempts: [first, attempt('s', 5, undefined)],
          waits: [wait('go', 'signal', 6, undefined)],
        }),
        undefined,
      ).epilogue,
    ).toBe(25)
  })
})
