// A process of the rolling restarts: `server.ts <store>` executes orders, or stands by, until SIGTERM.

import { createSupervisor } from 'catenary'
import { order } from './order.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const supervisor = await createSupervisor({
  chains: [order],
  store: process.argv[2] ?? 'app.db',
  role: 'auto',
  hibernateAfter: 20,
  logger: {
    info: (_, message) => say(message),
    warn: (_, message) => say(`problem: ${message}`),
    error: (_, message) => say(`problem: ${message}`),
  },
})
say(supervisor.state === 'client' ? 'stands by' : 'executes')

process.once('SIGTERM', () => {
  void supervisor.stop({ drain: '1s' }).then(() => say('stopped'))
})
