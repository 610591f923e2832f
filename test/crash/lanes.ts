// Processes that work side by side, each at one task at a time; whoever asks waits for the first that is free.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Done, Reply, Task } from './lane.ts'

const file = fileURLToPath(new URL('lane.ts', import.meta.url))

export interface Lanes {
  readonly count: number
  /** Rejects where the lane itself fails: what a task finds wrong is in what is done. */
  perform(task: Task): Promise<Done>
  close(): void
}

export function openLanes(count: number): Lanes {
  const all = Array.from({ length: count }, () => fork(file, { serialization: 'advanced' }))
  const free: ChildProcess[] = [...all]
  const waiting: ((lane: ChildProcess) => void)[] = []
  const take = async (): Promise<ChildProcess> =>
    free.shift() ?? new Promise((resolve) => void waiting.push(resolve))
  const give = (lane: ChildProcess): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(lane)
    else next(lane)
  }
  return {
    count,
    async perform(task) {
      const lane = await take()
      try {
        const reply = await ask(lane, task)
        if ('failed' in reply) throw new Error(reply.failed)
        return reply.done
      } finally {
        give(lane)
      }
    },
    close() {
      for (const lane of all) if (lane.connected) lane.disconnect()
    },
  }
}

async function ask(lane: ChildProcess, task: Task): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      lane.off('message', answered)
      lane.off('exit', gone)
    }
    const answered = (reply: unknown): void => {
      over()
      resolve(reply as Reply)
    }
    const gone = (code: number | null): void => {
      over()
      reject(new Error(`a lane ended with ${code}`))
    }
    lane.once('message', answered)
    lane.once('exit', gone)
    lane.send(task)
  })
}
