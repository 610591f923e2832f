// What test files say, collected and run in one process: as much of vitest as tests of pure code need, without its runner.

import { vi } from 'vitest'

type Body = (...given: never[]) => unknown
type Hook = () => unknown

interface Scope {
  readonly name: string
  readonly parent: Scope | undefined
  readonly beforeAll: Hook[]
  readonly afterAll: Hook[]
  readonly beforeEach: Hook[]
  readonly afterEach: Hook[]
}

/** One test: a name that is its own, and what it does. */
export interface Case {
  readonly id: string
  /** Path of its file, from the root. */
  readonly file: string
  readonly scope: Scope
  readonly body: () => unknown
}

const newScope = (name: string, parent?: Scope): Scope => ({
  name,
  parent,
  beforeAll: [],
  afterAll: [],
  beforeEach: [],
  afterEach: [],
})

let scope = newScope('')
let file = ''
let cases: Case[] = []
let ids = new Set<string>()
let finished: Hook[] = []

/** Collects the tests of a file while it is imported. */
export async function collect(path: string, load: () => Promise<unknown>): Promise<readonly Case[]> {
  file = path
  scope = newScope('')
  cases = []
  ids = new Set()
  await load()
  return cases
}

/** Outermost first. */
function scopesOf(inner: Scope): Scope[] {
  const all: Scope[] = []
  for (let one: Scope | undefined = inner; one !== undefined; one = one.parent) all.unshift(one)
  return all
}

/** Runs tests one after the other; `hear` says whether to go on. */
export async function runCases(
  chosen: readonly Case[],
  about: (id: string | undefined) => void,
  hear: (one: Case, ms: number, error: unknown) => boolean,
): Promise<void> {
  const ready: Scope[] = []
  for (const one of chosen) {
    const begun = performance.now()
    let failure: { error: unknown } | undefined
    const attempt = async (work: Hook): Promise<void> => {
      try {
        await work()
      } catch (error) {
        failure ??= { error: error ?? new Error('nothing was thrown as an error') }
      }
    }
    finished = []
    const scopes = scopesOf(one.scope)
    for (const outer of scopes.filter((some) => !ready.includes(some))) {
      ready.push(outer)
      for (const hook of outer.beforeAll) await attempt(hook)
    }
    about(one.id)
    for (const hook of scopes.flatMap((each) => each.beforeEach)) await attempt(hook)
    if (failure === undefined) await attempt(() => inTime(one))
    for (const hook of scopes.toReversed().flatMap((each) => each.afterEach)) await attempt(hook)
    for (const hook of finished.toReversed()) await attempt(hook)
    vi.restoreAllMocks()
    about(undefined)
    if (!hear(one, performance.now() - begun, failure?.error)) break
  }
  for (const each of ready.toReversed()) {
    // what holds for all tests of a file together does not hold for those that were chosen
    for (const hook of each.afterAll) await (async () => hook())().catch(() => {})
  }
}

/** A test that did not end. */
export class Late extends Error {}

/** What a test may take (ms): a mutant that makes it wait for ever is found so. */
const mostTime = 3_000

async function inTime({ body }: Case): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    const work = body()
    if (!(work instanceof Promise)) return
    await Promise.race([
      work,
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Late('it does not end')), mostTime)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}

function add(name: string, body: () => unknown): void {
  const full = `${file}#${[...scopesOf(scope).map((each) => each.name), name].filter((part) => part !== '').join(' > ')}`
  let id = full
  for (let again = 2; ids.has(id); again++) id = `${full} (${again})`
  ids.add(id)
  cases.push({ id, file, scope, body })
}

const bodyIn = (rest: readonly unknown[]): Body => rest.find((one) => typeof one === 'function') as Body
const context = { onTestFinished: (hook: Hook) => void finished.push(hook) }

/** As vitest's `test`; options are not needed here. */
export const test = Object.assign(
  (name: string, ...rest: unknown[]) => add(name, () => bodyIn(rest)(context as never)),
  {
    each:
      (rows: readonly unknown[]) =>
      (name: string, ...rest: unknown[]) =>
        rows.forEach((row, index) =>
          add(`${name} [${index}]`, () => bodyIn(rest)(...((Array.isArray(row) ? row : [row]) as never[]))),
        ),
    for:
      (rows: readonly unknown[]) =>
      (name: string, ...rest: unknown[]) =>
        rows.forEach((row, index) =>
          add(`${name} [${index}]`, () => bodyIn(rest)(row as never, context as never)),
        ),
    skipIf:
      (skipped: unknown) =>
      (name: string, ...rest: unknown[]) => {
        if (!skipped) test(name, ...rest)
      },
  },
)

function inside(name: string, body: () => unknown): void {
  scope = newScope(name, scope)
  body()
  scope = scope.parent as Scope
}

/** As vitest's `describe`. */
export const describe = Object.assign((name: string, body: () => unknown) => inside(name, body), {
  each:
    (rows: readonly unknown[]) =>
    (name: string, ...rest: unknown[]) =>
      rows.forEach((row, index) =>
        inside(`${name} [${index}]`, () => bodyIn(rest)(...((Array.isArray(row) ? row : [row]) as never[]))),
      ),
})

export const beforeAll = (hook: Hook): void => void scope.beforeAll.push(hook)
export const afterAll = (hook: Hook): void => void scope.afterAll.push(hook)
export const beforeEach = (hook: Hook): void => void scope.beforeEach.push(hook)
export const afterEach = (hook: Hook): void => void scope.afterEach.push(hook)
export const onTestFinished = (hook: Hook): void => void finished.push(hook)
export { assert, expect, vi } from 'vitest'
