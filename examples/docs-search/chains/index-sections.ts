// index: every section of every package into one full-text index, built anew and put in place when whole.

import { setImmediate } from 'node:timers/promises'
import { chain } from 'catenary'
import { counted } from '../counted.ts'
import type { Chunk } from '../packages/chunk.ts'
import type { Recovery } from '../recovery.ts'
import { buildIndex, type Entry } from '../search/build.ts'
import { type DocsInput, published, recall, workspaceOf } from '../workspace.ts'
import { parse, type ParsedPackages } from './parse.ts'

/** So many packages go in before the process may see to something else. */
const breath = 25

export const index = chain<DocsInput | undefined>('index', { description: 'builds the full-text index' })
  .needs({ parse })
  .step(
    'build',
    counted(async (context) => {
      const workspace = workspaceOf(context)
      const { packages } = await recall<ParsedPackages>(workspace, context.needs.parse.parsed)
      const copies: Recovery[] = []

      async function* entries(): AsyncGenerator<Entry> {
        const seen = new Map<string, string>()
        for (const [place, { path, chunk }] of packages.entries()) {
          const before = seen.get(chunk.hash)
          if (before === undefined) {
            seen.set(chunk.hash, path)
            yield { path, chunk: await recall<Chunk>(workspace, chunk) }
          } else {
            const reason = `word for word the same as ${before}`
            copies.push({ package: path, reason, action: 'skip', outcome: 'found under the other path' })
          }
          if (place % breath > 0) continue
          await setImmediate()
          context.signal.throwIfAborted()
          context.progress(place / packages.length)
        }
      }

      const built = await buildIndex(workspace.at(published.index), entries())
      return { ...built, copies }
    }),
    { attempts: 2, timeout: '5m', idempotent: true, reads: ['chunks'], writes: [published.index] },
  )
