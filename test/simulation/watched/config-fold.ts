// The config as a journal tells it: what it says now, what it said in each version, and who changed it.

import type { JournalEvent } from '../../../src/journal/event.ts'
import { decode } from '../../../src/kernel/codec.ts'
import { type Config, type ConfigChange, createConfig } from '../../../src/supervision/config.ts'

export interface ConfigFold {
  readonly current: Readonly<Config>
  readonly version: number
  /** What it said in a version. */
  at(version: number): Readonly<Config> | undefined
  see(event: JournalEvent): void
}

export function foldConfig(base: Pick<Config, 'concurrency' | 'hibernateAfter'>): ConfigFold {
  const config = createConfig({ ...base, steps: {} })
  const versions = [config.current]
  return {
    get current() {
      return config.current
    },
    get version() {
      return config.version
    },
    at: (version) => versions[version],
    see(event) {
      if (event.type !== 'config.changed') return
      config.replay({ ...(decode(event.payload ?? '') as ConfigChange), version: event.version })
      versions[event.version] = config.current
    },
  }
}
