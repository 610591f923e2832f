// Looks for something wrong in the sources around it, by seeds, kills, cuts or restarts, until it finds it; its last line
// says as JSON what it found.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '../../src/kernel/random.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'
import { shuffled } from '../crash/aim.ts'
import type { Campaign } from '../crash/campaign.ts'
import { killAndGoOn } from '../crash/kill.ts'
import { mixedAlone, mixedCampaign } from '../crash/mixed.ts'
import { cutPower, type PowerOptions } from '../crash/power/cut-power.ts'
import type { JobOf } from '../crash/power/recording.ts'
import { rowsAndOutcomes, transact, transactCampaign } from '../crash/transact.ts'
import { rollRestarts } from '../processes/restarts.ts'
import { simulateMoney } from '../simulation/money.ts'
import type { Found, hunts } from './proofs.ts'

/** @param most so many at most. @param folder one of its own. */
type Hunter = (most: number, folder: string) => Promise<Found>

const chance = createRandom(1)
const killsOfJob = 3

const seeds =
  (problem: (seed: number) => Promise<string | undefined>): Hunter =>
  async (most) => {
    for (let seed = 1; seed <= most; seed++) {
      const said = await problem(seed)
      if (said !== undefined) return { found: true, after: seed, said }
    }
    return { found: false, after: most, said: '' }
  }

const kills =
  ({ job, aims }: Campaign): Hunter =>
  async (most, folder) => {
    let after = 0
    for (let place = 0; after < most; place++) {
      const at = join(folder, `job-${place}`)
      const outcome = await killAndGoOn(
        job(at, place),
        new Set(shuffled(aims(place), chance).slice(0, 10)),
        killsOfJob,
      )
      after += Math.max(1, outcome.kills.length)
      const [said] = outcome.problems
      if (said !== undefined) return { found: true, after, said }
      rmSync(at, { recursive: true, force: true })
    }
    return { found: false, after, said: '' }
  }

const written =
  (writer: string): JobOf =>
  (...of) => {
    const job = mixedAlone(...of)
    return { ...job, command: { ...job.command, line: [...job.command.line, '--writer', writer] } }
  }

const cuts =
  (options: Partial<PowerOptions>): Hunter =>
  async (most) => {
    let after = 0
    for (let round = 0; after < most; round++) {
      const report = await cutPower({
        orders: 4 + round,
        // right after its fsync a commit is sure: whether there is one is seen anywhere else
        points: round % 4 < 2 ? 60 : 'every commit',
        durability: 'full',
        goOnEvery: 20,
        chance,
        // which of the two writes is else up to how fast the disk is at the moment
        job: written(round % 2 === 0 ? 'inline' : 'thread'),
        ...options,
      })
      after += report.points
      const [said] = [...report.lost, ...report.broken]
      if (said !== undefined) return { found: true, after, said }
    }
    return { found: false, after, said: '' }
  }

const hunters: Readonly<Record<keyof typeof hunts, Hunter>> = {
  simulate: seeds(async (seed) => (await simulate(seed)).breach?.message),
  money: seeds(async (seed) => (await simulateMoney(seed)).problems[0]),
  kills: kills(mixedCampaign(16, chance)),
  'kills of transact': kills(transactCampaign(16, chance)),
  'power cuts': cuts({}),
  'power cuts of transact': cuts({ points: 'every commit', job: transact, look: rowsAndOutcomes }),
  restarts: async (most, folder) => {
    const { problems } = await rollRestarts({ folder, restarts: most, killEvery: 4, tell: () => {} })
    return { found: problems.length > 0, after: most, said: problems[0] ?? '' }
  },
}

const [name = '', most = ''] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'catenary-hunt-'))
try {
  const found = await hunters[name as keyof typeof hunts](Number(most), folder)
  console.log(JSON.stringify({ ...found, said: found.said.slice(0, 300) } satisfies Found))
} catch (error) {
  // where a process or a recovery throws, that is what was wrong
  const said = error instanceof Error ? error.message : String(error)
  console.log(JSON.stringify({ found: true, after: Number(most), said: said.slice(0, 300) } satisfies Found))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
