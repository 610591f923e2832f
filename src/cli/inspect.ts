// `catenary inspect`: the inspector over a store, beside whatever process executes it, until Ctrl-C.

import { createClientSupervisor } from '../engine/clients/client-supervisor.ts'
import { createInspector } from '../inspector/create-inspector.ts'
import { openSqliteClient } from '../sqlite/client.ts'
import type { Call, Command } from './command.ts'
import { exit, usageError } from './exit.ts'
import { untilInterrupted } from './interrupts.ts'
import { jsonLine } from './json.ts'
import { existing, storeFile, storeOption } from './open-store.ts'

export const inspect: Command = {
  name: 'inspect',
  says: 'open the inspector on a store, in a browser on this machine',
  words: [],
  options: {
    port: { value: 'N', says: 'the port of 127.0.0.1; default any that is free' },
    commands: { says: 'let it pause, cancel, signal and so on; default it only looks' },
    ...storeOption,
  },
  more: `Prints its address, with the token that opens it, and serves until Ctrl-C. Commands
go through the store's inbox to the process that executes it.`,
  run: async (call) => serve(call),
}

/** How long to wait for the executor to carry out a command (ms). */
const answerWithin = 5_000

async function serve(call: Call): Promise<number> {
  const port = portOf(call.option('port'))
  const file = storeFile(call)
  const { clock, terminal } = call
  const client = createClientSupervisor(openSqliteClient(existing(file)), { chains: [], clock, answerWithin })
  // whoever types the command means it, whatever NODE_ENV says
  const inspector = createInspector(client, { enabled: true, commands: call.has('commands'), name: file })
  const interrupts = untilInterrupted()
  try {
    const { url } = await inspector.listen({ port, keepAlive: true })
    terminal.out(
      call.json ? jsonLine({ url }) : `The inspector of ${file} is at\n\n  ${url}\n\nCtrl-C ends it.\n`,
    )
    await interrupts.first
  } finally {
    interrupts.off()
    await inspector[Symbol.asyncDispose]()
    await client.stop()
  }
  return exit.interrupted
}

function portOf(given: string | undefined): number {
  if (given === undefined) return 0
  const port = Number(given)
  if (/^\d{1,5}$/.test(given) && port <= 65_535) return port
  throw usageError(`--port ${given} is no port: give a number from 0 to 65535`)
}
