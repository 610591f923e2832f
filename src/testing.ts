// catenary/testing: chains under test, time that tests move, stores that fail on purpose, and the suite for stores.

export { createVirtualClock, type VirtualClock } from './testing/virtual-clock.ts'
export { assertHolds, explore, type ExploreOptions } from './testing/exploration/explore.ts'
export type { Counterexample, Exploration } from './testing/exploration/exploration.ts'
export type { Fault, FaultName } from './testing/exploration/fault.ts'
export type { Call, Invariant, Seen } from './testing/exploration/seen.ts'
export { coverage, type Coverage, type Missing, type Share } from './testing/paths/coverage.ts'
export {
  assertIn,
  assertRun,
  assertWaitedFor,
  type ChainMatchers,
  matchers,
} from './testing/harness/assertions.ts'
export type { Ran, Waited } from './testing/harness/checks.ts'
export type { CommitFault } from './testing/harness/breakable-store.ts'
export { harness, type MakeHarness } from './testing/harness/harness-face.ts'
export type { TraceTestOptions } from './testing/harness/from-trace.ts'
export type { Trace } from './observe/trace.ts'
export type { End, Harness, HarnessOptions } from './testing/harness/harness.ts'
export type { HeldAttempt } from './testing/harness/held-attempt.ts'
export { fail, flaky, hang, type Script, slow, type Stage, succeed } from './testing/harness/scripts.ts'
export {
  type Path,
  type Paths,
  type PathsOptions,
  shortestPaths,
  simplePaths,
} from './testing/paths/paths.ts'
export { writeCoverage } from './testing/paths/write-coverage.ts'
export { createFaultyStore, type FaultyStore, type StoreFaults } from './testing/faulty-store.ts'
export { describeStoreConformance, type StoreConformance } from './testing/store-conformance.ts'
export { createMemoryContents } from './journal/memory-contents.ts'
export { createMemoryStore } from './journal/memory-store.ts'
