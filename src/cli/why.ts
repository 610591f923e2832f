// `catenary why`: what a run waits for, in sentences.

import { awaitedOf, explain, readTimeline } from '../engine/runs/explain.ts'
import { readStatus, statusNote } from '../engine/service-status.ts'
import type { RunHead } from '../journal/store.ts'
import type { NodeHealth } from '../supervision/health.ts'
import { executorOf } from '../sqlite/executor-of.ts'
import type { Call, Command } from './command.ts'
import { exit } from './exit.ts'
import { findRun } from './find-run.ts'
import { jsonText } from './json.ts'
import { storeFile, storeOption, withReader } from './open-store.ts'
import { printable } from './printable.ts'
import { serviceLine } from './service-lines.ts'
import { isEnded } from './show.ts'

export const why: Command = {
  name: 'why',
  says: 'say what a run waits for, or how a service stands, and since when',
  words: ['<run>'],
  options: storeOption,
  async run(call) {
    const found = await withReader(call, async (reader) => {
      const services = readStatus(await reader.note(statusNote))?.services ?? []
      const service = services.find(({ id }) => id === call.must(0))
      if (service !== undefined) return { service }
      const run = await findRun(reader, call.must(0))
      const timeline = await readTimeline(reader, run.run)
      return { services, head: run, explanation: explain(timeline, awaitedOf(run), call.clock.now()) }
    })
    if ('service' in found) return ofService(call, found.service)
    const { services, head, explanation } = found
    const orphaned = isOrphaned(call, head)
    if (call.json) {
      const { sentence, causes } = explanation
      call.terminal.out(
        jsonText({ run: head.run, status: head.status, executor: !orphaned, sentence, causes }),
      )
      return exit.ok
    }
    call.terminal.out(`${printable(explanation.sentence).replaceAll('; ', ';\n')}\n`)
    const waited = new Set(explanation.causes.flatMap((one) => (one.kind === 'service' ? one.on : [])))
    for (const one of services)
      if (waited.has(one.id) && !orphaned) call.terminal.out(`${serviceLine(one, call.clock.now())}\n`)
    if (orphaned) call.terminal.out(`${noExecutor}\n`)
    return exit.ok
  },
}

function ofService(call: Call, service: NodeHealth): number {
  const { alive } = executorOf(storeFile(call))
  if (call.json) call.terminal.out(jsonText({ executor: alive, ...service }))
  else {
    // what is written down of it is from when its process lived
    const line = alive
      ? serviceLine(service, call.clock.now())
      : `service ${service.id} ended with its process; it starts with the next one`
    call.terminal.out(`${line}\n${alive ? '' : `${noExecutor}\n`}`)
  }
  return exit.ok
}

export const noExecutor =
  'No process executes the store: nothing moves until one opens it, such as `catenary run`.'

/** Whether a run that has not ended has nobody to move it. */
export function isOrphaned(call: Call, { status }: RunHead): boolean {
  return !isEnded(status) && !executorOf(storeFile(call)).alive
}
