// Runs the test that a counterexample prints.

import { NonRetryable } from '../../../src/index.ts'
import * as kit from '../../../src/testing.ts'

/** Runs what a counterexample says as the code of a test, with the names that it leaves to its reader. */
export async function runCode(
  found: kit.Exploration,
  names: Readonly<Record<string, unknown>>,
): Promise<void> {
  const all: Record<string, unknown> = { harness: kit.harness, NonRetryable, ...names }
  const source = found.counterexample?.code.replaceAll(']!', ']') ?? ''
  const body = `return (async () => {\n${source}\nawait t.stop()\n})()`
  // oxlint-disable-next-line typescript/no-implied-eval -- that it is code is what is tested
  await (new Function(...Object.keys(all), body)(...Object.values(all)) as Promise<void>)
}

/** What happened in the test that a counterexample prints. */
export async function timelineOf(
  found: kit.Exploration,
  names: Readonly<Record<string, unknown>>,
): Promise<string> {
  const told: string[] = []
  const harness = async (...given: Parameters<typeof kit.harness>): Promise<kit.Harness> => {
    const t = await kit.harness(...given)
    const { stop } = t
    return Object.assign(t, {
      stop: async () => {
        told.push(t.timeline())
        await stop()
      },
    })
  }
  await runCode(found, { ...names, harness })
  return told.join()
}
