// One run of a chain under an inspector.

import { chain, createSupervisor } from 'catenary'
import { redactedInspector } from './redacted.ts'

const greeting = chain<string>('greet')
  .step('hello', ({ input }) => `hello, ${input}`)
  .sleep('a-while', '50ms')
  .step('bye', () => 'bye')

/** Runs it, watched by whoever listens at `url`, and gives that a moment to hear the end. */
export async function greet(url: string, name: string): Promise<string> {
  const inspector = redactedInspector(url)
  const supervisor = await createSupervisor({ chains: [greeting], inspect: inspector.inspect })
  try {
    return await supervisor.run(greeting, name)
  } finally {
    await supervisor.stop()
    await new Promise((resolve) => setTimeout(resolve, 500))
    inspector.stop()
  }
}
