// Starts a job as a process of its own, and kills it as nothing in it can prevent.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const sources = new URL('./jobs/sources.ts', import.meta.url).href

/** Kept from one time to the next: with it a process starts in half the time, and there may be thousands. */
export const compiled: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)),
}

export interface Command {
  /** The file to run, with its arguments. */
  readonly line: readonly [URL, ...string[]]
  readonly env?: Readonly<Record<string, string>>
}

export interface Ended {
  /** What it exited with; null where it was killed. */
  readonly code: number | null
  /** The last of what it said. */
  readonly said: string
}

export interface JobProcess {
  readonly ended: Promise<Ended>
  /** SIGKILL, sent before this returns. */
  kill(): void
}

const mostSaid = 4_000

/** A job that nobody watches any more may wait for ever. */
const running = new Set<() => void>()
process.once('exit', () => {
  for (const kill of running) kill()
})

export function startJob({ line: [file, ...rest], env = {} }: Command): JobProcess {
  const child = spawn(process.execPath, ['--import', sources, fileURLToPath(file), ...rest], {
    env: { ...process.env, ...compiled, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (chunk: string): void => {
    said = (said + chunk).slice(-mostSaid)
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const kill = (): void => void child.kill('SIGKILL')
  running.add(kill)
  return {
    ended: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => {
        running.delete(kill)
        resolve({ code, said })
      })
    }),
    kill,
  }
}

/** What a job ended with, where it was not killed. */
export async function runJob(command: Command): Promise<void> {
  const { code, said } = await startJob(command).ended
  if (code !== 0) throw new Error(`the job ended with ${code}: ${said}`)
}
