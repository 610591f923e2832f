// Short runs of every kind: most succeed, some after a retry or a signal, some fail for good and some are cancelled.

import type * as Catenary from '../../src/index.ts'

export type Package = Pick<typeof Catenary, 'chain' | 'createSupervisor'>

/** How many runs have ended in each way. */
export type Ends = Record<'succeeded' | 'failed' | 'cancelled', number>

type Kind = 'plain' | 'tried again' | 'failing' | 'signalled' | 'cancelled'

/** Of every twenty. */
const kinds: readonly Kind[] = [
  ...Array<Kind>(12).fill('plain'),
  ...Array<Kind>(3).fill('tried again'),
  ...Array<Kind>(3).fill('signalled'),
  'failing',
  'cancelled',
]

const endOf: Readonly<Record<Kind, keyof Ends>> = {
  plain: 'succeeded',
  'tried again': 'succeeded',
  signalled: 'succeeded',
  failing: 'failed',
  cancelled: 'cancelled',
}

const kindOf = (at: number): Kind => kinds[at % kinds.length] ?? 'plain'

/** How that many runs end. */
export function expectedEnds(runs: number): Ends {
  const ends: Ends = { succeeded: 0, failed: 0, cancelled: 0 }
  for (let at = 0; at < runs; at++) ends[endOf[kindOf(at)]]++
  return ends
}

const tries = { attempts: 2, backoff: { initial: '1ms', jitter: 'none' } } as const
const one = async (): Promise<number> => 1

/** The chains of the load, for a supervisor, and how one of its runs is done. */
export function createLoad({ chain }: Pick<Package, 'chain'>) {
  const plain = chain('plain').step('read', one).step('write', one)
  const again = chain('tried-again')
    .step('read', one)
    .step(
      'flaky',
      async ({ attempt }) => {
        if (attempt === 1) throw new Error('busy')
        return 1
      },
      tries,
    )
    .step('write', one)
  const failing = chain('failing')
    .step('read', one)
    .step('broken', async () => Promise.reject(new Error('broken')), tries)
  const signalled = chain('signalled').step('ask', one).wait('approval').step('write', one)
  const cancelled = chain('cancelled').step('ask', one).wait('never').step('write', one)

  return {
    chains: [plain, again, failing, signalled, cancelled],
    /** Does the run of this number. @returns how it ended. */
    async run(supervisor: Catenary.Supervisor, at: number): Promise<string> {
      switch (kindOf(at)) {
        case 'plain':
          return (await supervisor.settled(plain)).status
        case 'tried again':
          return (await supervisor.settled(again)).status
        case 'failing':
          return (await supervisor.settled(failing)).status
        case 'signalled': {
          const run = await supervisor.start(signalled)
          await run.signal('approval', at)
          return (await run.settled()).status
        }
        case 'cancelled': {
          const run = await supervisor.start(cancelled)
          await run.cancel('no longer wanted')
          return (await run.settled()).status
        }
      }
    },
  }
}
