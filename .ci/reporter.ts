// Vitest's own report, then one last line that a script can read: `N passed, N failed[, N skipped]`.
import {
  DefaultReporter,
  type TestModule,
  type TestRunEndReason,
  type SerializedError,
  type Vitest,
} from 'vitest/node'
import { totals } from './totals.ts'

export default class Reporter extends DefaultReporter {
  #seed: number | undefined

  override onInit(vitest: Vitest): void {
    this.#seed = vitest.config.sequence.seed
    super.onInit(vitest)
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    super.onTestRunEnd(modules, errors, reason)
    let [passed, failed, skipped] = [0, errors.length, 0]
    for (const module of modules) {
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'skipped') skipped++
        else failed++
      }
    }
    if (reason === 'failed' && failed === 0) failed = 1
    if (failed > 0) console.log(`the same order again: CATENARY_SEED=${this.#seed}`)
    console.log(totals({ passed, failed, skipped }))
  }
}
