// A process of its own that holds a supervisor: to be killed, to recover what was killed, or to hold what sleeps.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { chain, createSupervisor } from '../../src/index.ts'
import { drive } from './workload.ts'

type Role = 'hang' | 'recover' | 'sleep'

interface Setup {
  readonly file: string
  readonly runs: number
  /** Attempts that it may have in flight. */
  readonly slots: number
}

type Told = Readonly<Record<string, number>>

/** Starts such a process, waits for what it has to tell, and kills it. */
export async function inHost(role: Role, setup: Setup): Promise<Told> {
  const child = fork(import.meta.filename, [role, JSON.stringify(setup)])
  const told = once(child, 'message')
  const ended = once(child, 'exit')
  const message = await Promise.race([told, ended.then(() => undefined)])
  child.kill('SIGKILL')
  await ended
  if (message === undefined) throw new Error(`the process that was to ${role} has died`)
  return message[0] as Told
}

const never = new Promise<never>(() => {})

async function hang({ file, runs, slots }: Setup): Promise<Told> {
  const chains = [chain('hang').step('wait', async () => never)]
  const supervisor = await createSupervisor({ chains, store: file, concurrency: slots })
  const seconds = await drive(async () => supervisor.start(chains[0]!), { times: runs, inFlight: 1_000 })
  return { seconds }
}

async function recover({ file, runs, slots }: Setup): Promise<Told> {
  let called = 0
  let first: number | undefined
  const before = performance.now()
  const secondsYet = (): number => (performance.now() - before) / 1000
  const step = async (): Promise<never> => {
    first ??= secondsYet()
    called++
    return never
  }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const chains = [chain('hang').step('wait', step)]
  const supervisor = await createSupervisor({ chains, store: file, concurrency: slots })
  const wanted = Math.min(runs, slots)
  while (supervisor.state !== 'running' || called < wanted) await pause(5)
  const all = secondsYet()
  delay.disable()
  return { first: first ?? NaN, all, delay: delay.percentile(99) / 1e6 }
}

async function sleep({ file }: Setup): Promise<Told> {
  const chains = [chain('nap').sleep('nap', '1h')]
  const before = performance.now()
  const supervisor = await createSupervisor({ chains, store: file })
  while (supervisor.state !== 'running') await pause(5)
  await pause(500)
  return {
    seconds: (performance.now() - before - 500) / 1000,
    megabytes: process.memoryUsage.rss() / 1024 ** 2,
  }
}

const roles: Readonly<Record<Role, (setup: Setup) => Promise<Told>>> = { hang, recover, sleep }

const [role, setup] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && setup !== undefined) {
  const told = await roles[role as Role](JSON.parse(setup) as Setup)
  process.send?.(told)
}
