// Starts an executor of a store in a process of its own, and kills it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const fixture = fileURLToPath(new URL('./fixtures/executor.ts', import.meta.url))

export interface OtherProcess {
  /** The next line it says, or undefined at its end. */
  said(): Promise<
    { readonly epoch?: number; readonly lastSeq?: number; readonly acknowledged?: number } | undefined
  >
  /** Kills it as a power cut of the process would, and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts it over `file`; it appends `batches` batches of three rows and then waits. */
export function startExecutor(file: string, writer: 'inline' | 'thread', batches: number): OtherProcess {
  const child = spawn(process.execPath, [fixture, file, writer, String(batches)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async said() {
      const line = await lines.next()
      return line.done ? undefined : (JSON.parse(line.value) as object)
    },
    async kill() {
      child.kill('SIGKILL')
      await exit
    },
  }
}
