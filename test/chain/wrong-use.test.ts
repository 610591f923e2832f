// What those who write plain JavaScript get wrong: every misspelt option and wrong shape is told, with its cure.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as catenary from '../../src/index.ts'
import type { AnyChain, SupervisorOptions } from '../../src/index.ts'

const { CatenaryError, breaker, chain, createSupervisor, group, limiter, service } = catenary

/** Plain JavaScript: nothing has a type. */
type Loose = (...given: unknown[]) => unknown
const loose = (on: object, method: string): Loose => {
  const found = (on as Readonly<Record<string, Loose>>)[method]
  return (...given) => found?.apply(on, given)
}

/** What is said of it; a chain is handed to a supervisor first. */
async function refusal(make: () => unknown): Promise<string> {
  try {
    const made = (await make()) as
      | { readonly spec?: unknown; readonly stop?: () => Promise<void> }
      | undefined
    const supervisor =
      made?.spec === undefined ? made : await createSupervisor({ chains: [made as unknown as AnyChain] })
    await supervisor?.stop?.()
  } catch (error) {
    if (CatenaryError.is(error)) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

const step = (options: unknown) => () => loose(chain('a'), 'step')('x', () => 1, options)
const made = () => chain('a').step('x', () => 1)
const started = (act: (supervisor: catenary.Supervisor) => Promise<unknown>) => async () => {
  await using supervisor = await createSupervisor({ chains: [made()] })
  await act(supervisor)
}
const all: SupervisorOptions = { chains: [] }

describe('an option under a wrong name', () => {
  test.each<readonly [string, () => unknown, string]>([
    ['of a step', step({ attemps: 3 }), 'step "x" has no option "attemps" (did you mean attempts?)'],
    ['of a step, in the wrong case', step({ timeOut: '3s' }), 'did you mean timeout?'],
    [
      'of a step, unlike any other',
      step({ retries: 3 }),
      'has no option "retries": it takes attempts, backoff,',
    ],
    [
      'of a backoff',
      step({ backoff: { initail: 5 } }),
      'backoff of step "x" has no option "initail" (did you mean',
    ],
    ['of a hedge', step({ idempotent: true, hedge: { afer: '1s' } }), 'did you mean after?'],
    ['of a compensation', step({ compensate: { run: () => 1, atempts: 2 } }), 'did you mean attempts?'],
    ['beside a limiter', step({ limit: { by: limiter('l', { rate: 1 }), costs: 2 } }), 'did you mean cost?'],
    ['beside a breaker', step({ breaker: { by: breaker('b'), kye: 'x' } }), '"kye"'],
    [
      'of a transact step',
      () => loose(chain('a'), 'transact')('t', () => 1, { timeout: 3 }),
      'takes no timeout',
    ],
    [
      'of an each',
      () =>
        loose(chain('a'), 'each')(
          'e',
          () => [],
          () => 1,
          { inflight: 3 },
        ),
      'mean inFlight?',
    ],
    ['of a parallel', () => loose(chain('a'), 'parallel')('p', {}, { onFailed: 'wait' }), 'mean onFailure?'],
    ['of a wait', () => loose(chain('a'), 'wait')('w', undefined, { timeuot: 3 }), 'did you mean timeout?'],
    [
      'of a repeat',
      () => loose(chain('a'), 'repeat')('r', (b: unknown) => b, { till: () => true }),
      '"till"',
    ],
    [
      'of a chain',
      () => loose({ chain }, 'chain')('a', { scedule: {} }),
      'chain "a" has no option "scedule" (did you',
    ],
    [
      'of a concurrency group',
      () => loose({ chain }, 'chain')('a', { concurrency: { limits: 1 } }),
      'mean limit?',
    ],
    ['of a limiter', () => loose({ limiter }, 'limiter')('l', { max: 3 }), 'limiter "l" has no option "max"'],
    ['of a breaker', () => loose({ breaker }, 'breaker')('b', { openfor: 3 }), 'did you mean openFor?'],
    [
      'of a service',
      () => loose({ service }, 'service')('s', () => 1, { restarts: 'temporary' }),
      'mean restart?',
    ],
    [
      'of a probe',
      () => loose({ service }, 'service')('s', () => 1, { alive: { chek: () => 1 } }),
      'mean check?',
    ],
    [
      'of a group',
      () => loose({ group }, 'group')('g', { stategy: 'one_for_all' }, []),
      'did you mean strategy?',
    ],
    ['of a supervisor', () => createSupervisor({ ...all, stor: 'x.db' } as SupervisorOptions), 'mean store?'],
    [
      'of a retry budget',
      () => loose({ createSupervisor }, 'createSupervisor')({ chains: [], retryBudget: { ration: 1 } }),
      'mean ratio?',
    ],
    [
      'of start',
      started(async (one) => loose(one, 'start')(made(), undefined, { ID: 'x' })),
      'start() has no option "ID" (did you mean id?)',
    ],
    [
      'of list',
      started(async (one) => loose(one, 'list')({ state: 'failed' })),
      'list() has no option "state"',
    ],
    [
      'of signalOrStart',
      started(async (one) => loose(one, 'signalOrStart')(made(), 1, { id: 'x', signal: 's', signalID: 'y' })),
      'mean signalId?',
    ],
  ])('%s is refused', async (_, make, says) => {
    expect(await refusal(make)).toMatch(/^BAD_OPTION: /)
    expect(await refusal(make)).toContain(says)
  })

  test('with letters in the wrong order is told with what was meant', async () => {
    expect(await refusal(() => createSupervisor({ ...all, roel: 'client' } as SupervisorOptions))).toContain(
      'mean role?',
    )
  })

  test('is refused by clients as well, and leaves nothing in the inbox', async () => {
    const place = mkdtempSync(join(tmpdir(), 'catenary-wrong-'))
    try {
      const store = join(place, 'app.db')
      await using _ = await createSupervisor({ chains: [made()], store })
      await using client = await createSupervisor({ chains: [made()], store, role: 'client' })
      const start = async (): Promise<unknown> => loose(client, 'start')(made(), undefined, { ID: 'x' })
      expect(await refusal(start)).toContain('start() has no option "ID" (did you mean id?)')
      expect(await refusal(async () => loose(client, 'start')('a'))).toContain('give the chain itself')
      expect(await client.list()).toEqual([])
    } finally {
      rmSync(place, { recursive: true })
    }
  })

  test('that is undefined is none', async () => {
    expect(await refusal(step({ retries: undefined }))).toBe('accepted')
  })
})

test('an option of a schedule under a wrong name is refused with all else that is wrong with it', async () => {
  const schedule = { every: '1s', overlaps: 'skip', catchUp: 'some' }
  const says = await refusal(() => loose({ chain }, 'chain')('a', { schedule }))
  expect(says).toContain('schedule "default": it has no option "overlaps" (did you mean overlap?)')
  expect(says).toContain('catchUp is one of none, last, all')
})

describe('what is not of the right shape', () => {
  test.each<readonly [string, () => unknown, string]>([
    [
      'a chain without an id',
      () => loose({ chain }, 'chain')(),
      "BAD_DEFINITION: a chain needs an id, as in chain('report')",
    ],
    [
      'a backoff that is a time',
      step({ backoff: '1s' }),
      `BAD_OPTION: backoff of step "x" is "1s": give an object`,
    ],
    ['options that are none', step('3 tries'), 'BAD_OPTION: options of step "x" are no object'],
    ['a fallback that is a value', step({ fallback: 3 }), 'BAD_OPTION: fallback of step "x" is no function'],
    [
      'options of a wait in the place of its schema',
      () => loose(chain('a'), 'wait')('w', { timeout: '1s' }),
      'BAD_OPTION: wait "w": the second argument is no schema',
    ],
    [
      'another end of a wait',
      () => loose(chain('a'), 'wait')('w', undefined, { onTimeout: 'ignore' }),
      "onTimeout is 'fail' or 'continue'",
    ],
    [
      'a reply that is a value',
      () => loose(chain('a'), 'wait')('w', undefined, { reply: 5 }),
      'wait "w": reply is no function',
    ],
    [
      'items that are a list',
      () => loose(chain('a'), 'each')('e', [1], () => 1),
      'the items of each "e" are no function',
    ],
    [
      'an each without a body',
      () => loose(chain('a'), 'each')('e', () => []),
      'each "e" was given neither a function nor a chain',
    ],
    [
      'another policy of an each',
      () =>
        loose(chain('a'), 'each')(
          'e',
          () => [],
          () => 1,
          { onFailure: 'wait' },
        ),
      "give 'fail' or 'collect'",
    ],
    ['a call of nothing', () => loose(chain('a'), 'call')('c'), 'call "c" was given no chain'],
    [
      'a repeat without an end',
      () => loose(chain('a'), 'repeat')('r', (b: catenary.Chain<never, object, never, unknown>) => b),
      'repeat "r" would never be over',
    ],
    [
      'a repeat of what is no function',
      () => loose(chain('a'), 'repeat')('r', 5, { until: () => true }),
      'BAD_DEFINITION: a part of chain "a" is 5: give it as (b) => b.step(...)',
    ],
    [
      'a parallel without branches',
      () => loose(chain('a'), 'parallel')('p'),
      'the branches of parallel "p" are undefined: give them by name',
    ],
    [
      'a branch that is no function',
      () => loose(chain('a'), 'parallel')('p', { x: {} }),
      'a part of chain "a" is {}: give it as (b) => b.step(...)',
    ],
    [
      'cases that are an object',
      () => loose(chain('a'), 'choose')('c', {}),
      'a part of choose "c" is {}: give it as (c) => c.when(...)',
    ],
    [
      'a case without a guard',
      () =>
        loose(chain('a'), 'choose')('c', (c: object) =>
          loose(c, 'when')(true, (b: object) => loose(b, 'step')('x', () => 1)),
        ),
      'choose "c" has a case without a guard',
    ],
    [
      'what it returns as a value',
      () => loose(made(), 'returns')(5),
      'BAD_DEFINITION: one problem in the chains:\n  - chain "a" returns no function: give returns(',
    ],
    [
      'needs that are a chain',
      () => loose(chain('a'), 'needs')(made()),
      'BAD_DEFINITION: needs of chain "a" takes upstreams by the names',
    ],
    ['needs that are a list', () => loose(chain('a'), 'needs')([made()]), 'give needs({ extract })'],
    [
      'an unknown trigger rule',
      () => loose(chain('b'), 'needs')({ a: made() }, { when: 'all_sucess' }),
      'is no trigger rule: give one of all_success,',
    ],
    [
      'a group without options',
      () => loose({ group }, 'group')('g', []),
      'BAD_DEFINITION: group "g" was given no list of children: give group(id, { ... }, [one, another])',
    ],
    [
      'a status that there is not',
      started(async (one) => loose(one, 'list')({ status: ['done'] })),
      'status is a list of running, waiting,',
    ],
    [
      'a start by id',
      started(async (one) => loose(one, 'start')('a')),
      'CHAIN_UNKNOWN: what is to start is no chain: give the chain itself',
    ],
    [
      'a fork from nowhere',
      started(async (one) => loose(await one.start(made()), 'fork')()),
      'BAD_OPTION: fork() needs a moment',
    ],
  ])('%s is refused', async (_, make, says) => {
    expect(await refusal(make)).toContain(says)
  })
})
