// The reflector of a live supervisor: suggestions, trials on pairs of runs that are kept or taken back, also over crashes.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { orderOnly } from '../../src/chain/edge.ts'
import type { Member } from '../../src/chain/members.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createRandom } from '../../src/kernel/random.ts'
import type { JsonPatch, Suggestion } from '../../src/reflection/suggestion.ts'
import { suggested } from '../reflection/suggested.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'

interface Wanted {
  readonly id?: string
  readonly chain?: string
  readonly patch?: readonly JsonPatch[]
  readonly objective?: Suggestion['gain']['objective']
}

function suggestion({ id = 's1', chain: of = 'c', patch, objective = 'run-duration' }: Wanted): Suggestion {
  const { gain } = suggested()
  return suggested({
    id,
    place: { chain: of },
    sentence: `change ${of}`,
    gain: { ...gain, objective },
    ...(patch === undefined ? {} : { patch }),
  })
}

const add = (path: string, value: unknown): JsonPatch => ({ op: 'add', path, value })

interface World {
  readonly rig: Rig
  /** Runs so many, one after the other. */
  run(count: number): Promise<void>
  end(): (JournalEvent & { readonly type: 'trial.ended' }) | undefined
  arms(): readonly string[]
}

/** Chain `c` works through 8 items of random length, 2 at a time, and its items fail now and then. */
async function world(found: readonly Suggestion[], given: RigOptions = {}): Promise<World> {
  const random = createRandom(7)
  let rig: Rig | undefined
  const c = chain('c').each(
    'e',
    () => [1, 2, 3, 4, 5, 6, 7, 8],
    async (_item, { attempt }) => {
      const length = 20 + 60 * random()
      await new Promise<void>((resolve) => void rig?.clock.at(rig.now() + length, resolve))
      if (attempt === 1 && random() < 0.05) throw new Error('now and then')
    },
    { inFlight: 2, attempts: 3, backoff: { initial: 1, jitter: 'none' } },
  )
  const other = chain('other').step('s', () => 1)
  const chains: readonly Member[] = [c, other]
  rig = await createRig(chains, { ...given, reflect: { suggest: () => found, ...given.reflect } })
  const { events } = rig
  const at = rig
  return {
    rig,
    async run(count) {
      for (let done = 0; done < count; done++) await at.until(at.supervisor.settled(c))
    },
    end: () =>
      events().findLast(
        (event): event is JournalEvent & { readonly type: 'trial.ended' } => event.type === 'trial.ended',
      ),
    arms: () =>
      events().flatMap((event) =>
        event.type === 'run.accepted'
          ? [event.arm === undefined ? '-' : `${event.arm.pair} ${event.arm.arm}`]
          : [],
      ),
  }
}

const faster = suggestion({
  patch: [{ op: 'test', path: '/version', value: 0 }, add('/steps/c~1e', { inFlight: 8 })],
})
const useless = suggestion({ patch: [add('/steps/c~1e', { attempts: 4 })] })
const harmful = suggestion({ patch: [add('/steps/c~1e', { nonRetryable: ['thrown'], inFlight: 8 })] })

describe('a trial on a live supervisor', () => {
  test('of a change that helps is widened and kept, in one commit with the config', async () => {
    const { rig, run, end, arms } = await world([faster])
    await rig.until(rig.supervisor.reflector.apply('s1'))
    await run(420)
    expect(end()).toMatchObject({ verdict: 'kept' })
    const told = rig.events().filter(({ type }) => type.startsWith('trial.') || type === 'config.changed')
    expect(told.map((one) => ('share' in one ? `${one.type} ${one.share}` : one.type))).toEqual([
      'trial.started 0.1',
      'trial.widened 0.5',
      'trial.widened 1',
      'config.changed',
      'trial.ended',
    ])
    expect((told[3]?.seq ?? 0) + 1).toBe(told[4]?.seq)
    expect(rig.supervisor.config.current.steps).toEqual({ 'c/e': { inFlight: 8 } })
    const [trial] = await rig.until(rig.supervisor.reflector.trials())
    expect(trial).toMatchObject({ suggestion: 's1', by: 'person', ended: { verdict: 'kept' } })
    expect(trial?.ended?.why).toMatch('the gain is shown')
    // each pair has one of each
    const drawn = arms().filter((arm) => arm !== '-')
    expect(new Set(drawn).size).toBe(drawn.length)
    expect(arms().slice(-5)).toEqual(['-', '-', '-', '-', '-'])
  }, 60_000)

  test('of a change that harms is taken back after a few runs, and none of the others had it', async () => {
    const { rig, run, end } = await world([harmful])
    await rig.until(rig.supervisor.reflector.apply('s1'))
    await run(250)
    expect(end()).toMatchObject({
      verdict: 'reverted',
      why: expect.stringMatching('as no other run did') as string,
    })
    expect(rig.supervisor.config).toMatchObject({ version: 0, current: { steps: {} } })
    const treated = new Set(
      rig
        .events()
        .flatMap((event) =>
          event.type === 'run.accepted' && event.arm?.arm === 'treated' ? [event.run] : [],
        ),
    )
    const failed = rig
      .events()
      .flatMap((event) => (event.type === 'run.ended' && event.status === 'failed' ? [event.run] : []))
    expect(failed.length).toBeGreaterThanOrEqual(3)
    expect(failed.filter((one) => !treated.has(one))).toEqual([])
  }, 60_000)

  test('goes on where it was when the process dies again and again', async () => {
    const { rig, run, end, arms } = await world([faster])
    await rig.until(rig.supervisor.reflector.apply('s1'))
    for (let part = 0; part < 90 && end() === undefined; part++) {
      await run(6)
      await rig.crash()
    }
    expect(end()).toMatchObject({ verdict: 'kept' })
    const drawn = arms().filter((arm) => arm !== '-')
    expect(new Set(drawn).size).toBe(drawn.length)
    const pairs = new Set(drawn.map((arm) => arm.split(' ')[0]))
    // every pair but those that were open at the end has both
    expect(drawn.length).toBeGreaterThanOrEqual(pairs.size * 2 - 2)
    expect(rig.supervisor.config.current.steps).toEqual({ 'c/e': { inFlight: 8 } })
  }, 120_000)

  test('is stopped where somebody changes what it tries, and goes on where somebody changes something else', async () => {
    const { rig, run, end } = await world([useless])
    await rig.until(rig.supervisor.reflector.apply('s1'))
    await rig.until(rig.supervisor.config.change((draft) => void (draft.concurrency = 50)))
    await run(5)
    expect(end()).toBeUndefined()
    await rig.until(rig.supervisor.config.change((draft) => void (draft.steps['c/e'] = { attempts: 2 })))
    await rig.advance()
    expect(end()).toMatchObject({ verdict: 'stopped', why: expect.stringMatching('was changed') as string })
  })

  test('is stopped where somebody changed what it tries right before the process died', async () => {
    const wider = suggestion({ id: 's2', patch: [{ op: 'replace', path: '/concurrency', value: 8 }] })
    for (const [id, value] of [
      ['s1', 0],
      ['s2', 3],
    ] as const) {
      const { rig, end } = await world([useless, wider])
      await rig.until(rig.supervisor.reflector.apply(id))
      await rig.steps(2)
      // as if it had died after the commit of this, and before that of the end of the trial
      const { version } = rig.supervisor.config
      const written = rig.whole().length
      const change = rig.supervisor.config.change((draft) => {
        if (value === 0) draft.steps['c/e'] = { attempts: 2 }
        else draft.concurrency = value
      })
      while (rig.whole().length === written) await rig.steps(1)
      await change.catch(() => {})
      expect(end()).toBeUndefined()
      await rig.crash()
      expect(end()).toMatchObject({ verdict: 'stopped', why: expect.stringMatching('was changed') as string })
      expect(rig.supervisor.config.version).toBe(version + 1)
    }
  })

  test('is stopped, and leaves what somebody changed at the moment at which it would have been kept', async () => {
    const first = await world([faster])
    await first.rig.until(first.rig.supervisor.reflector.apply('s1'))
    await first.run(420)
    const ends = first.rig.events().filter(({ type }) => type === 'run.ended' || type === 'trial.ended')
    // the same once more, and with the end of the same run comes a person's word
    const last = ends[ends.findIndex(({ type }) => type === 'trial.ended') - 1]?.run
    const nth = ends.findIndex(({ run }) => run === last) + 1
    const { rig, run, end } = await world([faster])
    await rig.until(rig.supervisor.reflector.apply('s1'))
    const said: Promise<unknown>[] = []
    let ended = 0
    rig.supervisor.events$.subscribe(({ type }) => {
      if (type === 'run.ended' && ++ended === nth)
        said.push(rig.supervisor.config.change((draft) => void (draft.steps['c/e'] = { inFlight: 1 })))
    })
    await run(nth + 1)
    expect(said).toHaveLength(1)
    expect(end()).toMatchObject({ verdict: 'stopped', why: expect.stringMatching('was changed') as string })
    expect(rig.supervisor.config).toMatchObject({
      version: 1,
      current: { steps: { 'c/e': { inFlight: 1 } } },
    })
  }, 60_000)

  test('is stopped where a deployment took away what it is about', async () => {
    const { rig, end } = await world([useless])
    await rig.until(rig.supervisor.reflector.apply('s1'))
    await rig.crash([chain('c').step('another', () => 1)])
    expect(end()).toMatchObject({ verdict: 'stopped', why: 'what it was about is gone' })
  })

  test('of a need that is dropped differs in the plan, and a fork of a treated run takes no part', async () => {
    const up = chain('up').step('make', () => 1)
    const down = chain('down')
      .needs({ up: orderOnly(up) })
      .step('use', () => 2)
    const drop = suggestion({ chain: 'down', patch: [add('/edges/down<-up', 'dropped')] })
    const rig = await createRig([down], { reflect: { suggest: () => [drop] } })
    await rig.until(rig.supervisor.reflector.apply('s1'))
    for (let run = 0; run < 60; run++) await rig.until(rig.supervisor.settled(down))
    const accepted = rig.events().filter((event) => event.type === 'run.accepted')
    const treated = accepted.filter(({ arm }) => arm?.arm === 'treated')
    expect(treated.length).toBeGreaterThan(0)
    for (const { arm, plan } of accepted)
      expect(plan.find(({ key }) => key === 'down')?.dropped).toEqual(
        arm?.arm === 'treated' ? ['up'] : undefined,
      )
    const run = await rig.supervisor.get(treated[0]?.run ?? '')
    const fork = await rig.until(run!.fork({ at: treated[0]?.seq ?? 0 }))
    await rig.until(fork.result())
    const forked = rig.events().findLast((event) => event.type === 'run.accepted')
    expect(forked).toMatchObject({ run: fork.id, origin: { run: treated[0]?.run } })
    expect(forked).not.toHaveProperty('arm')
  })

  test('has only runs that its place is in', async () => {
    const { rig, run, arms } = await world([
      suggestion({ chain: 'other', patch: [add('/steps/c~1e', { attempts: 4 })] }),
    ])
    await rig.until(rig.supervisor.reflector.apply('s1'))
    await run(30)
    expect(new Set(arms())).toEqual(new Set(['-']))
  })
})

describe('a trial of the whole process', () => {
  const wider = suggestion({ patch: [{ op: 'replace', path: '/concurrency', value: 8 }] })

  /** A run every 10 s, until it has ended or the time is over. */
  const load = async ({ rig, end }: World, hours: number, crashes = false): Promise<void> => {
    for (let run = 0; run < hours * 360; run++) {
      if (run % 60 === 0 && end() !== undefined) return
      await rig.start(chainOf(rig))
      await rig.advance('10s')
      if (crashes && run % 97 === 96) await rig.crash()
    }
  }
  const chains = new Map<Rig, AnyChain>()
  const chainOf = (rig: Rig): AnyChain => chains.get(rig) as AnyChain
  const slow = async (scale: (slots: number) => number): Promise<World> => {
    const random = createRandom(11)
    let rig: Rig | undefined
    const c = chain('c').step('s', async () => {
      const ms = (100 + 50 * random()) * scale(rig?.supervisor.config.current.concurrency ?? 1)
      await new Promise<void>((resolve) => void rig?.clock.at(rig.now() + ms, resolve))
    })
    rig = await createRig([c], { concurrency: 2, reflect: { suggest: () => [wider] } })
    chains.set(rig, c)
    const { events } = rig
    return {
      rig,
      run: async () => {},
      arms: () => [],
      end: () =>
        events().findLast(
          (event): event is JournalEvent & { readonly type: 'trial.ended' } => event.type === 'trial.ended',
        ),
    }
  }

  test('goes by blocks of time in pairs, is kept where it helps, also over crashes', async () => {
    const tried = await slow((most) => (most > 2 ? 0.5 : 1))
    const { rig } = tried
    await rig.until(rig.supervisor.reflector.apply('s1'))
    await load(tried, 12, true)
    expect(tried.end()).toMatchObject({ verdict: 'kept' })
    expect(rig.supervisor.config.current.concurrency).toBe(8)
    await rig.crash()
    expect(rig.supervisor.config.current.concurrency).toBe(8)
    // each run is of the arm that the config of its time is of
    const wide = new Map<number, boolean>([[0, false]])
    let is = false
    for (const event of rig.events()) {
      if (event.type === 'config.changed') wide.set(event.version, (is = !is))
      if (event.type === 'run.accepted' && event.arm !== undefined)
        expect(wide.get(event.config)).toBe(event.arm.arm === 'treated')
    }
  }, 120_000)

  test('is taken back where it harms, and leaves the config as it was', async () => {
    const tried = await slow((most) => (most > 2 ? 2 : 1))
    const { rig } = tried
    await rig.until(rig.supervisor.reflector.apply('s1'))
    await load(tried, 12)
    expect(tried.end()).toMatchObject({ verdict: 'reverted' })
    expect(rig.supervisor.config.current.concurrency).toBe(2)
  }, 120_000)

  test('is stopped, and leaves what somebody changed at the moment at which it is switched', async () => {
    const first = await slow(() => 1)
    await first.rig.until(first.rig.supervisor.reflector.apply('s1'))
    await first.rig.advance('1h')
    const switches = first.rig.events().filter((event) => event.type === 'trial.switched')
    for (const arm of ['treated', 'control', 'off']) {
      const { rig, end } = await slow(() => 1)
      await rig.until(rig.supervisor.reflector.apply('s1'))
      const { at = 0, seq = 0 } = switches.slice(1).find((event) => event.arm === arm) ?? {}
      await rig.advance(at - 5 - rig.now())
      // it is switched before the change is durable
      rig.store.takeFor(20)
      const changed = rig.supervisor.config.change((draft) => void (draft.concurrency = 5))
      await rig.advance(100)
      await changed
      expect(rig.events().at(-1)?.seq, arm).toBeGreaterThan(seq - 2)
      expect(rig.supervisor.config.current.concurrency, arm).toBe(5)
      expect(end(), arm).toMatchObject({
        verdict: 'stopped',
        why: expect.stringMatching('was changed') as string,
      })
      await rig.crash()
      expect(rig.supervisor.config.current.concurrency, arm).toBe(5)
    }
  })

  test('leaves the config as it was where it is stopped, at any moment', async () => {
    for (const at of ['0s', '30s', '90s', '5m'] as const) {
      const { rig, end } = await slow(() => 1)
      await rig.until(rig.supervisor.reflector.apply('s1'))
      await rig.advance(at)
      await rig.until(rig.supervisor.reflector.dismiss('s1'))
      expect(end()).toMatchObject({ verdict: 'stopped' })
      expect(rig.supervisor.config.current.concurrency, at).toBe(2)
      await rig.advance('1h')
      expect(rig.supervisor.config.current.concurrency, at).toBe(2)
    }
  })
})

describe('the reflector', () => {
  test('says how each suggestion stands, also after a restart', async () => {
    const { rig } = await world([faster, { ...useless, id: 's2' }, suggestion({ id: 's3' })])
    const { reflector } = rig.supervisor
    const states = async (): Promise<readonly string[]> =>
      (await rig.until(rig.supervisor.reflector.suggestions())).map(({ id, state }) => `${id} ${state}`)
    expect(await states()).toEqual(['s1 open', 's2 open', 's3 open'])
    await rig.until(reflector.dismiss('s2', 'we know better'))
    await expect(rig.until(reflector.dismiss('s4'))).rejects.toMatchObject({ code: 'SUGGESTION_UNKNOWN' })
    await rig.until(reflector.apply('s1'))
    expect(await states()).toEqual(['s1 trialling', 's2 dismissed', 's3 open'])
    await rig.crash()
    expect(await states()).toEqual(['s1 trialling', 's2 dismissed', 's3 open'])
    await rig.until(rig.supervisor.reflector.dismiss('s1'))
    expect(await states()).toEqual(['s1 dismissed', 's2 dismissed', 's3 open'])
    expect((await rig.until(rig.supervisor.reflector.trials()))[0]?.ended).toMatchObject({
      verdict: 'stopped',
    })
  })

  test('says under which version it is so where the config says already what is put into it', async () => {
    const { rig } = await world([suggestion({ patch: [{ op: 'replace', path: '/concurrency', value: 8 }] })])
    const { reflector, config } = rig.supervisor
    await rig.until(config.change((draft) => void (draft.concurrency = 8)))
    expect(await rig.until(reflector.apply('s1', { trial: false }))).toEqual({ config: 1 })
    expect(config.version).toBe(1)
    expect(rig.events().findLast(({ type }) => type === 'suggestion.applied')).toMatchObject({ config: 1 })
    // asked again by whoever had no answer
    expect(await rig.until(reflector.apply('s1', { trial: false }))).toEqual({ config: 1 })
    expect(rig.told('suggestion.applied')).toHaveLength(1)
  })

  test('puts a suggestion into the config at once where no trial is wanted, once', async () => {
    const { rig } = await world([faster])
    const { reflector, config } = rig.supervisor
    expect(await rig.until(reflector.apply('s1', { trial: false }))).toEqual({ config: 1 })
    expect(config.current.steps).toEqual({ 'c/e': { inFlight: 8 } })
    expect(await rig.until(reflector.apply('s1', { trial: false }))).toEqual({ config: 1 })
    expect(rig.told('suggestion', 'config')).toEqual(['config.changed', 'suggestion.applied'])
    expect((await rig.until(reflector.suggestions()))[0]?.state).toBe('kept')
  })

  test('refuses what it does not know, advice, two trials that would mix, and all where it is off', async () => {
    const slots = suggestion({ id: 'slots', patch: [{ op: 'replace', path: '/concurrency', value: 9 }] })
    const { rig } = await world([faster, { ...useless, id: 's2' }, suggestion({ id: 'advice' }), slots])
    const refusal = async (id: string): Promise<unknown> =>
      rig.until(rig.supervisor.reflector.apply(id)).catch((error: unknown) => error)
    expect(await refusal('none')).toMatchObject({ code: 'SUGGESTION_UNKNOWN' })
    expect(await refusal('advice')).toMatchObject({ code: 'SUGGESTION_REFUSED' })
    await rig.until(rig.supervisor.reflector.apply('s1'))
    expect(await refusal('slots')).toMatchObject({ code: 'SUGGESTION_REFUSED' })
    expect(await refusal('s2')).toMatchObject({ message: expect.stringMatching('goes on at c:') as string })
    const off = await world([faster], { reflect: { policy: 'off' } })
    await expect(off.rig.until(off.rig.supervisor.reflector.apply('s1'))).rejects.toMatchObject({
      code: 'SUGGESTION_REFUSED',
    })
    await expect(createRig([], { reflect: { policy: 'on' as 'off' } })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringMatching("policy of reflect is 'off', 'ask' or 'auto'") as string,
    })
  })

  test('tries by itself only where it is told to, one after the other, and rests in between', async () => {
    const { rig, run } = await world(
      [harmful, { ...faster, id: 's2' }, { ...useless, id: 's3', class: 'B' }],
      { reflect: { policy: 'auto', every: '1m', rest: '10h' } },
    )
    await rig.advance('2m')
    expect(rig.told('trial')).toEqual(['trial.started'])
    await run(250)
    expect(rig.told('trial').at(-1)).toMatch('trial.ended')
    await rig.advance('5h')
    expect(rig.told('trial.started')).toHaveLength(1)
    await rig.advance('6h')
    const trials = await rig.until(rig.supervisor.reflector.trials())
    expect(trials.map(({ suggestion: of, by }) => `${of} ${by}`)).toEqual(['s1 auto', 's2 auto'])
  }, 60_000)

  test('rests after a trial that has ended before its process did', async () => {
    const { rig, run } = await world([harmful, { ...faster, id: 's2' }], {
      reflect: { policy: 'auto', every: '1m', rest: '10h' },
    })
    await rig.advance('2m')
    await run(250)
    expect(rig.told('trial').at(-1)).toMatch('trial.ended')
    await rig.crash()
    await rig.advance('5h')
    expect(rig.told('trial.started')).toHaveLength(1)
    await rig.advance('6h')
    expect(rig.told('trial.started')).toHaveLength(2)
  }, 60_000)

  test('rests no longer where the rest ends while it looks', async () => {
    let look: (() => void) | undefined
    const found = [harmful, { ...faster, id: 's2' }]
    const { rig, run } = await world([], {
      reflect: {
        policy: 'auto',
        every: '30s',
        rest: '1h',
        suggest: () => (look === undefined ? found : new Promise((resolve) => (look = () => resolve(found)))),
      },
    })
    await rig.advance('2m')
    await run(250)
    const end = rig.events().findLast(({ type }) => type === 'trial.ended')?.at ?? 0
    // the last look before that has not come to its end
    await rig.advance(end + 3_600_000 - 45_000 - rig.now())
    look = () => {}
    await rig.advance('55s')
    look()
    look = undefined
    await rig.advance('5m')
    expect(rig.told('trial.started')).toHaveLength(2)
  }, 60_000)

  test('does not try by itself what a person refuses in the same moment', async () => {
    const { rig } = await world([faster], { reflect: { policy: 'auto', every: '1h' } })
    await rig.until(rig.supervisor.reflector.dismiss('s1'))
    await rig.advance('10m')
    expect(rig.told('trial', 'suggestion')).toEqual(['suggestion.dismissed'])
  })

  test('tells who listens, and looks no more once nobody does', async () => {
    let looks = 0
    const rig = await createRig([chain('c').step('s', () => 1)], {
      reflect: { every: '10s', suggest: () => (looks++, [suggestion({})]) },
    })
    await rig.advance('1h')
    expect(looks).toBe(0)
    const heard: number[] = []
    const subscription = rig.supervisor.reflector.suggestions$.subscribe((list) => heard.push(list.length))
    await rig.advance('35s')
    expect(heard).toEqual([1, 1, 1, 1])
    const late: number[] = []
    rig.supervisor.reflector.suggestions$.subscribe((list) => late.push(list.length)).unsubscribe()
    expect(late).toEqual([1])
    subscription.unsubscribe()
    await rig.advance('1h')
    expect(looks).toBe(4)
  })

  test('that cannot look tells who asked, and looks again the next time', async () => {
    let fails = true
    const rig = await createRig([chain('c').step('s', () => 1)], {
      reflect: {
        suggest: () => {
          if (fails) throw new Error('a detector broke')
          return []
        },
      },
    })
    await expect(rig.until(rig.supervisor.reflector.suggestions())).rejects.toThrow('a detector broke')
    fails = false
    expect(await rig.until(rig.supervisor.reflector.suggestions())).toEqual([])
    await rig.until(rig.supervisor.stop())
    await expect(rig.supervisor.reflector.suggestions()).rejects.toMatchObject({ code: 'SUPERVISOR_STOPPED' })
  })
})
