// A thread of the simulation: is told seeds, one after the other, and answers what each came to.

import { parentPort } from 'node:worker_threads'
import { simulateWorld } from './world.ts'

parentPort?.on('message', (seed: number) => {
  void simulateWorld(seed).then((result) => parentPort?.postMessage(result))
})
