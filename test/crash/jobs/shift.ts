// Preloaded by the job whose clock jumps: it takes the time for as much later as a file says (ms), which may change any time.

import { readFileSync } from 'node:fs'

const file = process.env['CATENARY_SHIFT_FILE'] ?? ''
const Real = Date
const now = (): number => Real.now() + Number(readFileSync(file, 'utf8'))

globalThis.Date = new Proxy(Real, {
  construct: (target, given: readonly unknown[]) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given) as Date,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
})
