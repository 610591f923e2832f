// Actions of the analyzer on a live supervisor: asked for or taken by itself, judged, taken back, also over crashes.

import { describe, expect, test } from 'vitest'
import type { NecessaryAction } from '../../src/analysis/report-built.ts'
import { chain } from '../../src/chain/create-chain.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import type { Member } from '../../src/chain/members.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'

interface World {
  readonly rig: Rig
  /** Whether `load` fails. */
  readonly state: { sick: boolean; runs: number }
  readonly load: AnyChain
  readonly sum: AnyChain
  readonly caller: AnyChain
  members(version?: string): readonly Member[]
  /** Runs `load` so often. */
  run(count?: number): Promise<void>
  act(id: string): Promise<void>
  find(kind: string): Promise<NecessaryAction>
  maybe(kind: string): Promise<NecessaryAction | undefined>
}

/** `load` fails while it is sick; `sum` needs it, `caller` calls it. */
async function world(given: RigOptions = {}): Promise<World> {
  const state = { sick: true, runs: 0 }
  let next = 100
  const build = (version?: string) => {
    const load = chain<number | undefined>('load', version === undefined ? {} : { version }).step(
      'read',
      ({ input }) => {
        state.runs++
        if (state.sick) throw new Error('no such table')
        return input ?? 1
      },
    )
    const sum = chain('sum')
      .needs({ load })
      .step('add', ({ needs }) => needs.load + 1)
    const caller = chain('caller').call('ask', load, () => 2)
    return { load, sum, caller }
  }
  const { load, sum, caller } = build()
  const rig = await createRig([load, sum, caller], given)
  const maybe: World['maybe'] = async (kind) =>
    (await rig.until(rig.supervisor.analyzer.actions())).find((one) => one.kind === kind)
  return {
    rig,
    state,
    load,
    sum,
    caller,
    members(version) {
      const anew = build(version)
      return [anew.load, anew.sum, anew.caller]
    },
    async run(count = 12) {
      for (let done = 0; done < count; done++) {
        await rig.until(rig.supervisor.settled(load, next++ as never))
        await rig.advance(10)
      }
    },
    act: async (id) => rig.until(rig.supervisor.analyzer.act(id)),
    maybe,
    find: async (kind) => foundIn(rig, kind),
  }
}

async function foundIn(rig: Rig, kind: string): Promise<NecessaryAction> {
  const found = (await rig.until(rig.supervisor.analyzer.actions())).find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`no ${kind} is proposed`)
  return found
}

const told = (rig: Rig): readonly string[] =>
  rig
    .events()
    .flatMap((event) =>
      event.type === 'action.taken'
        ? [`taken ${event.kind} by ${event.by}`]
        : event.type === 'action.undone'
          ? [`undone: ${event.why}`]
          : event.type === 'action.verified'
            ? [`verified: ${event.detail}`]
            : event.type === 'action.dismissed'
              ? ['dismissed']
              : event.type === 'config.changed'
                ? ['config']
                : [],
    )

describe('quarantine', () => {
  test('under ask holds a failing chain back once a person says so, is verified, and ends in time', async () => {
    const { rig, load, run, find, act } = await world({ analyze: { policy: 'ask' } })
    await run()
    const proposed = await find('quarantine')
    expect(proposed).toMatchObject({ place: { chain: 'load' }, policy: 'ask', state: 'asked', can: true })
    expect(told(rig)).toEqual([])
    await act(proposed.id)
    await act(proposed.id)
    expect(told(rig)).toEqual(['config', 'taken quarantine by person'])
    expect(rig.supervisor.config.current.chains['load']?.quarantined).toMatch(
      'all of its last 12 executions failed',
    )
    await expect(rig.until(rig.supervisor.start(load, undefined as never))).rejects.toMatchObject({
      code: 'QUARANTINED',
    })
    expect((await find('quarantine')).state).toBe('applied')
    await rig.advance('6m')
    expect(await find('quarantine')).toMatchObject({
      state: 'verified',
      deed: { came: 'no execution of "load" has begun since' },
    })
    await rig.advance('1h')
    expect(told(rig).slice(2)).toEqual([
      'verified: no execution of "load" has begun since',
      'config',
      'undone: its time is over: what runs now shows how it is',
    ])
    expect(rig.supervisor.config.current.chains).toEqual({})
    expect((await find('quarantine')).state).toBe('asked')
  })

  test('ends in time also where the store could not be read right after it was taken', async () => {
    const { rig, run, find } = await world({ analyze: { policy: 'ask' } })
    await run()
    const { id } = await find('quarantine')
    const acted = rig.supervisor.analyzer.act(id)
    while (told(rig).length < 2) await rig.steps(1)
    rig.store.failReads()
    await rig.until(acted)
    rig.store.failReads(false)
    await rig.advance('2h')
    expect(told(rig).at(-1)).toMatch(/^undone: its time is over/)
  })

  test('under off is proposed, and refused; nothing is looked at by itself', async () => {
    const { rig, run, find, act } = await world()
    await run()
    const { id, policy, state } = await find('quarantine')
    expect({ policy, state }).toEqual({ policy: 'off', state: 'proposed' })
    await expect(act(id)).rejects.toMatchObject({ code: 'ACTION_REFUSED' })
    let reads = 0
    const read = rig.store.journal.bind(rig.store)
    rig.store.journal = async (query) => {
      reads++
      return read(query)
    }
    await rig.advance('1d')
    expect(reads).toBe(0)
    expect(told(rig)).toEqual([])
  })

  test('under auto is taken by itself, taken back in time, and taken again only for failures that came after', async () => {
    const { rig, state, run } = await world({ analyze: { policy: { quarantine: 'auto' } } })
    await run()
    await rig.advance('1m')
    expect(told(rig)).toEqual(['config', 'taken quarantine by auto'])
    await rig.advance('2h')
    expect(told(rig)).toHaveLength(5)
    await run(2)
    await rig.advance('1h')
    expect(told(rig)).toHaveLength(5)
    await run(1)
    await rig.advance('1m')
    expect(told(rig).slice(5)).toEqual(['config', 'taken quarantine by auto'])
    state.sick = false
    await rig.advance('2h')
    await run(12)
    await rig.advance('1d')
    expect(told(rig).filter((one) => one.startsWith('taken'))).toHaveLength(2)
  })

  test('is lifted at once when a run of it that was retried has succeeded', async () => {
    const { rig, state, run, find, act } = await world({ analyze: { policy: 'ask' } })
    await run()
    await act((await find('quarantine')).id)
    await rig.advance(5)
    const [last] = await rig.until(rig.supervisor.list({ chain: 'load' }))
    const failed = await rig.until(rig.supervisor.get(last?.run ?? ''))
    await rig.until(failed?.retry() ?? Promise.resolve())
    await rig.advance('2m')
    expect(rig.supervisor.config.current.chains['load']).toBeDefined()
    state.sick = false
    await rig.until(failed?.retry() ?? Promise.resolve())
    await rig.advance('2m')
    expect(rig.supervisor.config.current.chains).toEqual({})
    expect(told(rig).at(-1)).toMatch(/^undone: "load" has succeeded since, in run /)
  })

  test('is lifted when the chain is declared in another version', async () => {
    const { rig, run, find, act, members } = await world({ analyze: { policy: 'ask' } })
    await run()
    await act((await find('quarantine')).id)
    await rig.crash(members('2'))
    await rig.advance('1s')
    expect(told(rig).at(-1)).toBe('undone: "load" is declared in another version now')
    expect(rig.supervisor.config.current.chains).toEqual({})
  })

  test('that does not help is taken back: what others call begins all the same', async () => {
    const { rig, run, find, act, caller } = await world({ analyze: { policy: 'ask' } })
    await run()
    await act((await find('quarantine')).id)
    await rig.advance('1m')
    await rig.until(rig.supervisor.settled(caller, undefined as never))
    await rig.advance('1m')
    expect(told(rig).slice(2)).toEqual(['config', 'undone: it did not help: "load" began once all the same'])
    expect(await find('quarantine')).toMatchObject({ state: 'asked', deed: { evident: false } })
  })

  test('that somebody else has changed is theirs', async () => {
    const { rig, run, find, act } = await world({ analyze: { policy: 'ask' } })
    await run()
    await act((await find('quarantine')).id)
    await rig.until(
      rig.supervisor.config.change((draft) => void (draft.chains['load'] = { quarantined: 'by hand' })),
    )
    await rig.advance('2h')
    expect(told(rig).at(-1)).toBe('undone: the config was changed by somebody else')
    expect(rig.supervisor.config.current.chains).toEqual({ load: { quarantined: 'by hand' } })
  })

  test('is taken back by a person, and not done by itself where they said no', async () => {
    const { rig, run, find, act } = await world({ analyze: { policy: 'auto', rest: 0 } })
    await run()
    const { id } = await find('quarantine')
    await act(id)
    await rig.until(rig.supervisor.analyzer.undo(id, 'the table is there'))
    expect(told(rig).at(-1)).toBe('undone: a person took it back: the table is there')
    await expect(rig.until(rig.supervisor.analyzer.undo(id))).rejects.toMatchObject({
      code: 'ACTION_UNKNOWN',
    })
    await run(4)
    await rig.until(rig.supervisor.analyzer.dismiss(id))
    expect((await find('quarantine')).state).toBe('dismissed')
    await rig.advance('1h')
    expect(told(rig).filter((one) => one.startsWith('taken quarantine'))).toHaveLength(1)
  })
})

describe('pausing what is downstream', () => {
  const policy = { quarantine: 'auto', 'pause-downstream': 'auto' } as const

  test('follows the quarantine, and ends once the chain has succeeded three times in a row', async () => {
    const { rig, state, run, sum } = await world({ analyze: { policy } })
    await run()
    await rig.advance('1m')
    expect(told(rig).filter((one) => one.startsWith('taken'))).toEqual([
      'taken quarantine by auto',
      'taken pause-downstream by auto',
    ])
    // `caller` asks, and is not needed
    expect(Object.keys(rig.supervisor.config.current.chains).toSorted()).toEqual(['load', 'sum'])
    const waiting = await rig.start(sum)
    await rig.advance('50m')
    expect(waiting.status).not.toBe('succeeded')
    state.sick = false
    await rig.advance('20m')
    expect(rig.supervisor.config.current.chains).toEqual({})
    expect(await rig.until(waiting.result())).toBe(2)
  })

  test('lets go of what two have held back, where both end at once', async () => {
    const fails = (id: string) =>
      chain(id).step('read', () => {
        throw new Error('no such table')
      })
    const [left, right] = [fails('left'), fails('right')]
    const join = chain('join')
      .needs({ left, right })
      .step('add', () => 1)
    const rig = await createRig([left, right, join], { analyze: { policy } })
    for (let done = 0; done < 12; done++)
      for (const one of [left, right]) {
        await rig.until(rig.supervisor.settled(one))
        await rig.advance(10)
      }
    await rig.advance('5m')
    expect(told(rig).filter((one) => one === 'taken pause-downstream by auto')).toHaveLength(2)
    await rig.advance('3h')
    expect(told(rig).filter((one) => one.startsWith('undone'))).toHaveLength(4)
    expect(rig.supervisor.config.current.chains).toEqual({})
  })

  test('leaves what a person holds back as it is, and that is no problem', async () => {
    const errors: string[] = []
    const logger = { info() {}, warn() {}, error: (_: unknown, message: string) => void errors.push(message) }
    const { rig, run, find } = await world({
      analyze: { policy: { ...policy, quarantine: 'ask', unblock: 'auto' } },
      poison: { after: 2 },
      logger,
    })
    await rig.until(rig.supervisor.config.change((draft) => void (draft.chains['sum'] = { paused: true })))
    await run()
    await rig.until(rig.supervisor.analyzer.act((await find('quarantine')).id))
    await rig.advance('30m')
    expect(told(rig).filter((one) => one.startsWith('taken'))).toEqual(['taken quarantine by person'])
    expect((await find('pause-downstream')).state).toBe('proposed')
    await rig.advance('3h')
    expect(rig.supervisor.config.current.chains).toEqual({ sum: { paused: true } })
    expect(errors).toEqual([])
  })
})

describe('running again what is stale', () => {
  test('uses the input of the last success, once for a version, and is verified by its end', async () => {
    const { rig, state, members, maybe, load } = await world({
      analyze: { policy: { 're-run-stale': 'auto' } },
    })
    state.sick = false
    const first = await rig.start(load, 7)
    expect(await rig.until(first.result())).toBe(7)
    await rig.advance('10m')
    expect(told(rig)).toEqual([])
    await rig.crash(members('2'))
    await rig.advance('2m')
    expect(told(rig)).toEqual(['taken re-run-stale by auto', 'verified: it came to its end'])
    const runs = await rig.until(rig.supervisor.list({ chain: 'load' }))
    const again = await rig.until(rig.supervisor.get(runs[0]?.run ?? ''))
    expect(again?.id).toMatch(/^again-/)
    expect(await rig.until(again?.result() ?? Promise.resolve())).toBe(7)
    expect(await maybe('re-run-stale')).toBeUndefined()
    await rig.advance('1d')
    expect(state.runs).toBe(2)
  })

  test('that fails is done once only, and proposed still', async () => {
    const { rig, state, members, find, load } = await world({
      analyze: { policy: { 're-run-stale': 'auto' } },
    })
    state.sick = false
    await rig.until((await rig.start(load)).result())
    state.sick = true
    await rig.crash(members('2'))
    await rig.advance('1d')
    expect(told(rig)).toEqual([
      'taken re-run-stale by auto',
      'undone: it did not help: it did not come to a good end',
    ])
    expect((await find('re-run-stale')).state).toBe('undone')
  })

  test('is due where what it used has been made anew of the same since', async () => {
    let made = 0
    const source = chain('source').step('make', () => ++made)
    const view = chain('view')
      .needs({ source })
      .step('draw', ({ needs }) => needs.source * 10)
    const rig = await createRig([view], { analyze: { policy: { 're-run-stale': 'auto' } } })
    expect(await rig.until(rig.supervisor.run(view))).toBe(10)
    await rig.advance('10m')
    await rig.until(rig.supervisor.run(source))
    await rig.advance('2m')
    expect(told(rig)).toEqual(['taken re-run-stale by auto', 'verified: it came to its end'])
    expect(made).toBe(3)
  })

  test.each(['its time is over', 'a person takes it back'])('is cancelled when %s', async (how) => {
    const build = (version: string): AnyChain => chain('ask', { version }).wait('answer')
    const rig = await createRig([build('1')], {
      analyze: { policy: { 're-run-stale': 'auto' }, hold: '10m' },
    })
    const first = await rig.start(build('1'))
    await rig.until(first.signal('answer', 1))
    await rig.until(first.result())
    await rig.crash([build('2')])
    await rig.advance('2m')
    const [again] = await rig.until(rig.supervisor.list({ status: ['waiting'] }))
    expect(again?.run).toMatch(/^again-/)
    if (how === 'its time is over') await rig.advance('10m')
    else await rig.until(rig.supervisor.analyzer.undo((await foundIn(rig, 're-run-stale')).id))
    const run = await rig.until(rig.supervisor.get(again?.run ?? ''))
    expect((await rig.until(run?.settled() ?? Promise.reject(new Error('no run')))).status).toBe('cancelled')
    expect(told(rig).slice(1)).toEqual([
      how === 'its time is over'
        ? 'undone: it did not come to its end in time'
        : 'undone: a person took it back',
    ])
  })
})

describe('letting dead letters go on', () => {
  /** Input 13 kills `load`, until it does not. */
  const dead = { poison: { after: 2 }, analyze: { policy: { unblock: 'auto' } } } as const

  async function poisoned(given: RigOptions): Promise<World> {
    const made = await world(given)
    const { rig, load } = made
    for (let n = 0; n < 3; n++) {
      await rig.start(load, 13)
      await rig.advance(10)
    }
    return made
  }

  test('waits until all that it had to do has succeeded elsewhere, three times in a row', async () => {
    const { rig, state, run, find } = await poisoned(dead)
    expect(await find('unblock')).toMatchObject({ state: 'proposed', deed: { evident: false } })
    await rig.advance('5m')
    state.sick = false
    await run(2)
    await rig.advance('5m')
    expect(told(rig)).toEqual([])
    await run(1)
    await rig.advance('2m')
    expect(told(rig)).toEqual(['taken unblock by auto', 'verified: it came to its end'])
    expect(rig.events().filter(({ type }) => type === 'run.retried')).toHaveLength(1)
  })

  test('that fails again is not done again by itself', async () => {
    const { rig, state, run } = await poisoned(dead)
    state.sick = false
    await run(3)
    state.sick = true
    await rig.advance('1h')
    expect(told(rig)).toEqual([
      'taken unblock by auto',
      'undone: it did not help: it did not come to a good end',
    ])
    expect(rig.events().filter(({ type }) => type === 'run.retried')).toHaveLength(1)
  })

  test('under ask a person may do it at once, but not while the chain is held back', async () => {
    const { rig, state, run, find, act } = await poisoned({ ...dead, analyze: { policy: 'ask' } })
    await run()
    const { id } = await find('unblock')
    await act((await find('quarantine')).id)
    await expect(act(id)).rejects.toMatchObject({
      code: 'ACTION_REFUSED',
      message: expect.stringMatching('quarantine of load, which is in force') as string,
    })
    await rig.until(rig.supervisor.analyzer.undo((await find('quarantine')).id))
    state.sick = false
    await act(id)
    await rig.advance('2m')
    expect(told(rig).slice(-2)).toEqual(['taken unblock by person', 'verified: it came to its end'])
  })
})

test('a chain that a trial goes on at is left alone', async () => {
  const suggestion = {
    id: 's',
    kind: 'timeout-too-tight',
    class: 'A',
    place: { chain: 'load' },
    sentence: 'give it 5 s',
    evidence: {},
    patch: [{ op: 'add', path: '/steps/load~1read', value: { timeout: 5_000 } }],
    gain: { objective: 'run-duration', estimate: 1, low: 1, high: 1 },
    guardrails: [],
    expiresAt: 1e15,
  }
  const { rig, run, find, act } = await world({
    analyze: { policy: 'ask' },
    reflect: { suggest: () => [suggestion] as never },
  })
  await run()
  await rig.until(rig.supervisor.reflector.apply('s'))
  await expect(act((await find('quarantine')).id)).rejects.toMatchObject({
    code: 'ACTION_REFUSED',
    message: expect.stringMatching(/trial .* goes on at "load"/) as string,
  })
})

describe('a process that dies after any commit', () => {
  test.each(['quarantine', 're-run-stale', 'unblock'])(
    'does %s once, and brings it to its end',
    async (kind) => {
      const died = new Set<string | undefined>()
      for (let at = 0; at < 30; at += at < 6 ? 1 : 4) {
        const options: RigOptions = {
          analyze: { policy: { [kind]: 'auto' }, check: '2m', hold: '10m' },
          ...(kind === 'unblock' ? { poison: { after: 2 } } : {}),
        }
        const { rig, state, run, members, load } = await world(options)
        let chains = members()
        let booted = rig.now()
        if (kind === 'quarantine') await run()
        else if (kind === 'unblock') {
          for (let n = 0; n < 3; n++) {
            await rig.start(load, 13)
            await rig.advance(10)
          }
          state.sick = false
          await run(3)
        } else {
          state.sick = false
          await run(1)
          chains = members('2')
          await rig.crash(chains)
          booted = rig.now()
        }
        const before = state.runs
        await rig.advance(booted + 59_990 - rig.now())
        await rig.steps(1)
        rig.jump(10)
        await rig.steps(at)
        died.add(rig.events().at(-1)?.type)
        await rig.crash(chains)
        await rig.advance('3m')
        await rig.crash(chains)
        await rig.advance('20m')
        const [taken, ...rest] = told(rig).filter((one) => one !== 'config')
        expect(taken, `steps ${at}`).toBe(`taken ${kind} by auto`)
        expect(rest.at(-1), `steps ${at}`).toMatch(kind === 'quarantine' ? /^undone: its time/ : /^verified/)
        expect(rest.filter((one) => !one.startsWith('verified')).length).toBe(kind === 'quarantine' ? 1 : 0)
        expect(rig.supervisor.config.current.chains).toEqual({})
        const runs = rig
          .events()
          .filter(({ type, run: id }) => type === 'run.accepted' && id.startsWith('again-'))
        expect(runs).toHaveLength(kind === 're-run-stale' ? 1 : 0)
        expect(rig.events().filter(({ type }) => type === 'run.retried')).toHaveLength(
          kind === 'unblock' ? 1 : 0,
        )
        if (kind === 'quarantine') expect(state.runs).toBe(before)
      }
      expect(died).toContain('action.taken')
      expect(died.size).toBeGreaterThan(1)
    },
    120_000,
  )
})

test('an action in force ends in its time also where the next process may do nothing', async () => {
  const analyze: { policy: 'ask' | 'off' } = { policy: 'ask' }
  const { rig, run, find, act } = await world({ analyze })
  await run()
  await act((await find('quarantine')).id)
  analyze.policy = 'off'
  await rig.crash()
  expect(await find('quarantine')).toMatchObject({ policy: 'off', state: 'applied' })
  await rig.advance('2h')
  expect(told(rig).at(-1)).toMatch('its time is over')
  expect(rig.supervisor.config.current.chains).toEqual({})
})
