import { expect, test } from 'vitest'
import { type Chain, chain, CatenaryError, createSupervisor, optional, withInput } from 'catenary'

/** The refusal that `build` ends in. */
function refusal(build: () => unknown): Pick<CatenaryError, 'code' | 'message'> {
  try {
    build()
  } catch (error) {
    if (CatenaryError.is(error)) return error
  }
  throw new Error('it was not refused')
}

test('every method returns a new chain and leaves the old one as it was', () => {
  const one = chain('one').step('a', () => 1)
  const two = one.step('b', () => 2)
  expect(one.definition.entries.map(({ name }) => name)).toEqual(['a'])
  expect(two.definition.entries.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(two.version).not.toBe(one.version)
})

test('upstreams under two rules are refused, because one rule judges them all', () => {
  const [a, b] = [chain('a'), chain('b')]
  const twice = () => chain('c').needs({ a }, { when: 'all_done' }).needs({ b })
  expect(refusal(twice)).toMatchObject({
    code: 'BAD_DEFINITION',
    message: expect.stringContaining('all_done'),
  })
  const same = chain('c').needs({ a }, { when: 'all_done' }).needs({ b }, { when: 'all_done' })
  expect(same.definition).toMatchObject({ when: 'all_done', needs: [{ name: 'a' }, { name: 'b' }] })
})

test('two predicates are refused too, because the second would judge what it does not know', () => {
  const [a, b] = [chain('a'), chain('b')]
  const judged = chain('c').needs({ a }, { when: (upstreams) => upstreams.a === 'success' })
  expect(refusal(() => judged.needs({ b }, { when: () => true })).code).toBe('BAD_DEFINITION')
})

test('edges keep their kind and the input that they derive', () => {
  const a = chain<number>('a')
  const { needs } = chain<string>('b').needs({
    length: withInput(a, (text: string) => text.length),
    maybe: optional(chain('c')),
  }).spec
  expect(needs.map(({ name, kind }) => [name, kind])).toEqual([
    ['length', 'hard'],
    ['maybe', 'optional'],
  ])
  expect(needs[0]?.input?.('four')).toBe(4)
})

test('a part that returns none of the chain is refused', () => {
  const lost = (() => undefined) as never
  const stray = () => chain('b').parallel('p', { x: () => chain('c').step('s', () => 1) })
  for (const build of [() => chain('b').parallel('p', { x: lost }), stray]) {
    expect(refusal(build)).toMatchObject({ code: 'BAD_DEFINITION', message: expect.stringContaining('"b"') })
  }
})

test('a part cannot declare what belongs to the whole chain', () => {
  const up = chain('up')
  type Part = Chain<{ in: undefined; out: undefined; attributes: {} }, object, never, undefined>
  const parts: readonly ((part: Part) => Part)[] = [
    (part) => part.needs({ up }),
    (part) => part.follows({ up }),
    (part) => part.returns(() => undefined),
  ]
  for (const part of parts) {
    const build = () => chain('b').choose('c', (c) => c.when(() => true, part as never))
    expect(refusal(build).message).toContain('belong to chain "b" as a whole')
  }
})

test('a step after returns makes the output the last step’s again', () => {
  const both = chain('both').step('a', () => 1)
  expect(both.returns(({ steps }) => steps.a).spec.returns).toBeDefined()
  expect(both.returns(({ steps }) => steps.a).step('b', () => 2).spec.returns).toBeUndefined()
})

test('options are checked as they are given, with their cure', () => {
  const step = chain('c').step.bind(chain('c'))
  const body = () => 1
  expect(refusal(() => step('s', body, { attempts: 0 })).message).toBe(
    'attempts of step "s" is 0: give a whole number from 1, the first try included',
  )
  expect(refusal(() => step('s', body, { backoff: { factor: 0.5 } })).message).toContain(
    'backoff of step "s"',
  )
  expect(refusal(() => step('s', body, { timeout: 'soon' as never })).code).toBe('BAD_DURATION')
  expect(refusal(() => chain('c').each('e', () => [1], body, { inFlight: 0 })).code).toBe('BAD_OPTION')
  expect(refusal(() => chain('c').wait('w', undefined, { timeout: -1 })).code).toBe('BAD_DURATION')
})

test('a called chain that needs others is refused, because it would read nothing', async () => {
  const bill = chain<number>('bill').needs({ up: chain('up') })
  const caller = chain('caller')
    .call('one', bill, 1)
    .each('many', () => [1], bill)
  await expect(createSupervisor({ chains: [caller] })).rejects.toThrow(
    /^2 problems in the chains:\n.*"one" runs chain "bill".*\n.*"many" runs chain "bill"/,
  )
})
