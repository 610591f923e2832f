// A thread of the simulation: is told seeds, one after the other, and answers what each came to.

import { parentPort } from 'node:worker_threads'
import { simulate } from '../../src/testing/simulation/simulate.ts'

parentPort?.on('message', (seed: number) => {
  void simulate(seed).then((result) => parentPort?.postMessage(result))
})
