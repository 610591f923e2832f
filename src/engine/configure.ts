// Changes the config of a running engine: the journal tells of it before what begins because of it.

import type { Turn } from '../journal/committer.ts'
import { encode } from '../kernel/codec.ts'
import type { Shared } from './create-shared.ts'
import type { Engine } from './engine.ts'

interface Configured {
  readonly shared: Shared
  readonly submit: (turn: Omit<Turn, 'run' | 'committed'>) => Promise<void>
  readonly refuseUnlessOpen: () => void
}

export function createConfigure({ shared, submit, refuseUnlessOpen }: Configured): Engine['configure'] {
  return async (make, also = []) => {
    refuseUnlessOpen()
    const change = make()
    if (change === undefined) {
      if (also.length > 0) await submit({ facts: also })
      return undefined
    }
    const { version, patch, inverse } = change
    const payload = encode({ patch, inverse }, 'a config change')
    const written = submit({ facts: [{ type: 'config.changed', version, payload }, ...also] })
    // only now: what begins because of it records its version
    shared.retune()
    await written
    return change
  }
}
