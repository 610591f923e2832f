// Proves that a store keeps every promise of the port; handed a test framework, so that any driver can use it.

import type { Store, StoreClient } from '../journal/store.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'
import type { ConformanceCase } from './conformance/case.ts'
import { commandCases } from './conformance/command-cases.ts'
import { executorCases } from './conformance/executor-cases.ts'
import { headCases } from './conformance/head-cases.ts'
import { keepsakeCases } from './conformance/keepsake-cases.ts'
import { journalCases } from './conformance/journal-cases.ts'
import { transactCases } from './conformance/transact-cases.ts'
import { isObject, refuse } from './given.ts'

/** What the suite needs to know of a store and of the test framework (vitest, Jest, node:test). */
export interface StoreConformance {
  readonly name: string
  /** A store over fresh, empty contents, not opened. */
  readonly create: () => Store | Promise<Store>
  /** Another store over the same contents, as a second process would have it, not opened. */
  readonly reopen: (store: Store) => Store | Promise<Store>
  /** A client of the same contents that is not the executor, where the store has such a thing. */
  readonly client?: (store: Store) => StoreClient | Promise<StoreClient>
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: (name: string, body: () => Promise<void>) => unknown
}

const known: KnownOptions<StoreConformance> = {
  name: true,
  create: true,
  reopen: true,
  client: true,
  describe: true,
  test: true,
}

const groups: readonly (readonly [string, readonly ConformanceCase[]])[] = [
  ['journal', journalCases],
  ['heads', headCases],
  ['commands', commandCases],
  ['keepsakes', keepsakeCases],
  ['executor', executorCases],
  ["the host's rows", transactCases],
]

/**
 * Describes the whole suite for one store: a test for each promise of the port, named by it, each over fresh contents. A
 * test that fails says in its message which promise was broken.
 *
 * @throws CatenaryError BAD_OPTION
 * @example
 * ```ts
 * const files = new Map<Store, string>()
 * const at = (file: string) => { const store = createMyStore(file); files.set(store, file); return store }
 * describeStoreConformance({
 *   name: 'my store', create: () => at(freshFile()), reopen: (store) => at(files.get(store)!), describe, test,
 * })
 * ```
 */
export function describeStoreConformance(driver: StoreConformance): void {
  refuseNoDriver(driver)
  driver.describe(`${driver.name} keeps the promises of a store`, () => {
    for (const [group, cases] of groups) {
      driver.describe(group, () => {
        for (const [name, check] of cases) driver.test(name, () => keeping(name, driver, check))
      })
    }
  })
}

function refuseNoDriver(given: unknown): void {
  const driver = isObject(given) ? given : {}
  const cures = {
    create: '() => createMyStore(freshFile())',
    reopen: '(store) => another one over the same contents',
    describe: 'that of your test runner',
    test: 'that of your test runner',
  }
  const none = (name: string, cure: string): string =>
    `describeStoreConformance() takes ${name} as a function: give ${cure}`
  refuse([
    unknownOptions(given ?? null, known, 'describeStoreConformance()'),
    typeof driver['name'] === 'string'
      ? undefined
      : `describeStoreConformance() takes the name of the store: give { name: 'my store', ... }`,
    ...Object.entries(cures).map(([name, cure]) =>
      typeof driver[name] === 'function' ? undefined : none(name, cure),
    ),
    driver['client'] === undefined || typeof driver['client'] === 'function'
      ? undefined
      : none('client', 'one that makes a client, or leave it out'),
  ])
}

/** What fails is told with the promise that it breaks: not every runner shows the name of a test beside its message. */
async function keeping(sentence: string, driver: StoreConformance, check: ConformanceCase[1]): Promise<void> {
  try {
    await inRig(driver, check)
  } catch (error) {
    const broken = `${driver.name} breaks its promise "${sentence}"`
    if (!(error instanceof Error)) throw new Error(`${broken}: it threw ${String(error)}`, { cause: error })
    // the same error: a runner shows what it expected and what it found
    error.message = `${broken}:\n${error.message}`
    throw error
  }
}

/** Runs one case over fresh contents and closes whatever it had opened. */
async function inRig(driver: StoreConformance, check: ConformanceCase[1]): Promise<void> {
  const made: StoreClient[] = []
  const kept = <T extends StoreClient>(store: T): T => {
    made.push(store)
    return store
  }
  const { client } = driver
  try {
    await check({
      async open() {
        const store = kept(await driver.create())
        await store.open()
        return store
      },
      create: async () => kept(await driver.create()),
      reopen: async (store) => kept(await driver.reopen(store)),
      ...(client ? { client: async (store: Store) => kept(await client(store)) } : {}),
    })
  } finally {
    for (const store of made.toReversed()) await store.close()
  }
}
