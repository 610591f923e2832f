// A test runner for Stryker that stays in one process: a mutant costs its tests, and not a start of them.

import { resolve } from 'node:path'
import type { MutantCoverage, StrykerOptions } from '@stryker-mutator/api/core'
import { PluginKind } from '@stryker-mutator/api/plugin'
import {
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner'
import fc from 'fast-check'
import { type Case, Late, runCases } from './collected.ts'
import { createLives } from './lives.ts'

/** What Stryker's instrumented code reads and writes. */
interface Space {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: MutantCoverage
  hitCount?: number | undefined
  hitLimit?: number | undefined
}

interface Failed {
  readonly one: Case
  readonly error: unknown
  /** Nobody waited for it: it may be of another mutant's. */
  readonly stray?: boolean
}

const space = ((globalThis as { __stryker__?: Space }).__stryker__ ??= {})
const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function createRunner(options: StrykerOptions): TestRunner {
  const root = process.cwd()
  const files = (options['catenaryTests'] as string[]).map((file) => resolve(root, file))
  const lives = createLives(root)
  const slow = options['catenarySlow'] as string | undefined
  const begin = async (some: readonly string[]): Promise<readonly Case[]> => {
    const all = await lives.begin(some)
    return slow === undefined ? all : all.filter(({ id }) => !new RegExp(slow).test(id))
  }
  const times = new Map<string, number>()
  let cases: readonly Case[] = []
  /** Errors that reached nobody. */
  const strays: unknown[] = []

  const quickFirst = (some: readonly Case[]): readonly Case[] =>
    some.toSorted((a, b) => (times.get(a.id) ?? 0) - (times.get(b.id) ?? 0))

  /** The first that fails. */
  async function firstFailure(some: readonly Case[]): Promise<Failed | undefined> {
    let failed: Failed | undefined
    strays.length = 0
    await runCases(
      quickFirst(some),
      () => {},
      (one, ms, error) => {
        if (error === undefined) times.set(one.id, ms)
        else failed = { one, error }
        return error === undefined
      },
    )
    // what is thrown in the next turn, as XState throws what nobody observes
    await new Promise((done) => setTimeout(done, 1))
    const last = some.at(-1)
    if (failed === undefined && strays.length > 0 && last !== undefined)
      failed = { one: last, error: strays[0], stray: true }
    return failed
  }

  async function withMutant(
    run: MutantRunOptions,
    work: () => Promise<Failed | undefined>,
  ): Promise<Failed | undefined> {
    space.hitCount = 0
    space.hitLimit = run.hitLimit
    space.activeMutant = run.activeMutant.id
    try {
      return await work()
    } finally {
      space.activeMutant = undefined
    }
  }

  /**
   * Each mutant has a life of its own: what code keeps, such as machines that were compiled, is then never from before. For
   * the same reason all tests of a file run where one of them is known to meet the mutant: the first to want a thing makes it.
   */
  async function meet(run: MutantRunOptions): Promise<Failed | undefined> {
    const { testFilter, mutantActivation, sandboxFileName } = run
    if (mutantActivation === 'static' || testFilter === undefined) {
      const concerned = lives.reach(files, sandboxFileName)
      return withMutant(run, async () => firstFailure(await begin(concerned)))
    }
    const met = new Set(testFilter.map((id) => resolve(root, id.slice(0, id.indexOf('#')))))
    const all = await begin(files.filter((file) => met.has(file)))
    const first = all.filter(({ id }) => testFilter.includes(id))
    const others = all.filter(({ id }) => !testFilter.includes(id))
    return withMutant(run, async () => (await firstFailure(first)) ?? firstFailure(others))
  }

  return {
    capabilities: () => ({ reloadEnvironment: true }),

    init: async () => {
      fc.configureGlobal({ seed: 1, endOnFailure: true })
      for (const event of ['unhandledRejection', 'uncaughtException'] as const)
        process.on(event, (error: unknown) => void strays.push(error))
      cases = await begin(files)
    },

    dryRun: async (): Promise<DryRunResult> => {
      const tests: TestResult[] = []
      await runCases(
        cases,
        (id) => (space.currentTestId = id),
        ({ id, file }, ms, error) => {
          times.set(id, ms)
          const told = { id, name: id, fileName: resolve(root, file), timeSpentMs: ms }
          tests.push(
            error === undefined
              ? { ...told, status: TestStatus.Success }
              : { ...told, status: TestStatus.Failed, failureMessage: sentence(error) },
          )
          return true
        },
      )
      const mutantCoverage = space.mutantCoverage ?? { static: {}, perTest: {} }
      return { status: DryRunStatus.Complete, tests, mutantCoverage }
    },

    mutantRun: async (run): Promise<MutantRunResult> => {
      let failed: Failed | undefined
      try {
        failed = await meet(run)
        // on a busy machine, what takes too long may be well
        if (failed?.error instanceof Late || failed?.stray === true) failed = await meet(run)
      } catch (error) {
        return { status: MutantRunStatus.Error, errorMessage: sentence(error) }
      }
      const nrOfTests = run.testFilter?.length ?? cases.length
      if (failed === undefined) return { status: MutantRunStatus.Survived, nrOfTests }
      if ((space.hitCount ?? 0) > (run.hitLimit ?? Infinity)) return { status: MutantRunStatus.Timeout }
      return {
        status: MutantRunStatus.Killed,
        killedBy: [failed.one.id],
        failureMessage: sentence(failed.error),
        nrOfTests,
      }
    },
  }
}
createRunner.inject = ['options'] as const

/** What nothing depends on as it runs, by the name of its property. */
const unseen: Readonly<Record<string, string>> = {
  description: 'a description is for people who look at a statechart',
  types: 'types of a machine are for the compiler',
}

const withoutEffect = {
  shouldIgnore: (path: {
    readonly isObjectProperty?: () => boolean
    readonly node?: { readonly key?: { readonly name?: string } }
  }): string | undefined =>
    path.isObjectProperty?.() === true ? unseen[path.node?.key?.name ?? ''] : undefined,
}

export const strykerPlugins = [
  { kind: PluginKind.TestRunner, name: 'in-process', factory: createRunner },
  { kind: PluginKind.Ignore, name: 'without-effect', value: withoutEffect },
]
