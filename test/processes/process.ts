// A real process of these tests: what it says, line by line, and the signals that it is sent.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compiled } from '../crash/process.ts'

const sources = new URL('../crash/jobs/sources.ts', import.meta.url).href

export interface Process {
  readonly lines: readonly string[]
  /** Resolves with the moment (ms, monotonic) at which a line begins so; rejects where the process ends first. */
  said(line: string): Promise<number>
  readonly ended: Promise<number | null>
  signal(name: 'SIGTERM' | 'SIGKILL'): void
}

const running = new Set<() => void>()
process.once('exit', () => {
  for (const kill of running) kill()
})

export function startProcess(
  file: URL,
  given: readonly string[],
  env: Readonly<Record<string, string>>,
): Process {
  const child = spawn(process.execPath, ['--import', sources, fileURLToPath(file), ...given], {
    env: { ...process.env, ...compiled, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const moments: number[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let over = false
  const hear = (chunk: string): void => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      moments.push(performance.now())
    }
    for (const look of waiting) look()
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const kill = (): void => void child.kill('SIGKILL')
  running.add(kill)
  return {
    lines,
    said: async (begin) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const at = lines.findIndex((line) => line.startsWith(begin))
          if (at === -1 && !over) return
          waiting.delete(look)
          const moment = moments[at]
          if (moment !== undefined) resolve(moment)
          else reject(new Error(`a process ended before it said "${begin}": ${lines.slice(-20).join('\n')}`))
        }
        waiting.add(look)
        look()
      }),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => {
        over = true
        running.delete(kill)
        for (const look of waiting) look()
        resolve(code)
      })
    }),
    signal: (name) => void child.kill(name),
  }
}
