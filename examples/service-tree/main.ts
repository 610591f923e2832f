// The command: `node main.ts [port]` runs the app until Ctrl-C or SIGTERM, with a feed of one order every 3 seconds.

import { setTimeout } from 'node:timers/promises'
import { startApp } from './app.ts'
import type { Feed } from './poller.ts'

const began = Date.now()
const feed: Feed = {
  async after(last) {
    const newest = Math.floor((Date.now() - began) / 3_000)
    return Array.from({ length: Math.max(0, newest - last) }, (_, at) => last + at + 1)
  },
}
const write = (line: object, message: string): void => {
  process.stdout.write(`${JSON.stringify({ message, ...line })}\n`)
}
const { supervisor } = await startApp({
  feed,
  wait: async (ms, signal) => setTimeout(ms, undefined, { signal }),
  port: Number(process.argv[2] ?? 8080),
  store: 'service-tree.db',
  logger: { info: write, warn: write, error: write },
})
supervisor.events$.subscribe({
  next: (event) => {
    if (event.run === '~services') process.stdout.write(`${JSON.stringify(event)}\n`)
  },
  complete: () => process.stdout.write('stopped\n'),
})
