// The proofs that are tried on planted bugs: each looks for something wrong until it finds it, or was long enough at it.

import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What has seeds, kills or restarts of its own, or a file or folder of tests. */
export type ProofName = keyof typeof hunts | `test/${string}`

/** What a proof came to. */
export interface Found {
  readonly found: boolean
  /** How many seeds, kills, cuts, restarts or tests it took. */
  readonly after: number
  /** What was wrong. */
  readonly said: string
}

/** What is counted, and how many of them at most. */
export const hunts = {
  simulate: { unit: 'seeds', most: 150 },
  money: { unit: 'seeds', most: 150 },
  kills: { unit: 'kills', most: 45 },
  'kills of transact': { unit: 'kills', most: 30 },
  'power cuts': { unit: 'cuts', most: 400 },
  'power cuts of transact': { unit: 'cuts', most: 400 },
  restarts: { unit: 'restarts', most: 8 },
} as const

/** So long a proof may take in all (ms): one that takes longer hangs, and has found nothing. */
const patience = 600_000

export function isProof(name: string): name is ProofName {
  return name in hunts || name.startsWith('test/')
}

export function amountOf(proof: ProofName, count: number): string {
  const unit = proof in hunts ? hunts[proof as keyof typeof hunts].unit : 'tests'
  return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`
}

/**
 * Tries one proof on the sources in `root`. Throws where it could not even be tried.
 * @param most how many seeds, kills, ... at most. Default that of the proof.
 */
export async function prove(proof: ProofName, root: string, most?: number): Promise<Found> {
  if (!(proof in hunts)) return test(proof, root)
  const name = proof as keyof typeof hunts
  return hunt(name, root, most ?? hunts[name].most)
}

async function hunt(proof: keyof typeof hunts, root: string, most: number): Promise<Found> {
  const hunter = join(root, 'test/planted/hunt.ts')
  const args = ['--import', join(root, '.ci/source.ts'), hunter, proof, String(most)]
  const { output, late } = await run(args, root)
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  if (late) return { found: false, after: most, said: 'it did not come to an end' }
  if (last.startsWith('{"found"')) return JSON.parse(last) as Found
  throw new Error(`"${proof}" could not be tried: ${output.slice(-2_000)}`)
}

interface Tested {
  readonly numTotalTests: number
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

async function test(path: ProofName, root: string): Promise<Found> {
  const report = join(root, 'planted-report.json')
  rmSync(report, { force: true })
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const how = ['--bail=1', '--reporter=json', `--outputFile=${report}`, '--maxWorkers=1']
  const { output, late } = await run([vitest, 'run', path, ...how], root)
  if (late) return { found: false, after: 0, said: 'it did not come to an end' }
  let tested: Tested
  try {
    tested = JSON.parse(readFileSync(report, 'utf8')) as Tested
  } catch {
    throw new Error(`${path} could not be tried: ${output.slice(-2_000)}`)
  }
  const { numTotalTests, numPassedTests, numFailedTests, testResults } = tested
  if (numTotalTests === 0) throw new Error(`${path} has no tests: ${output.slice(-2_000)}`)
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed')
  return { found: numFailedTests > 0, after: numPassedTests + numFailedTests, said: failed?.fullName ?? '' }
}

async function run(
  args: readonly string[],
  root: string,
): Promise<{ readonly output: string; readonly late: boolean }> {
  const env = { ...process.env, NO_COLOR: '1', CATENARY_SEED: '1' }
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const hear = (chunk: string): void => {
    output = (output + chunk).slice(-20_000)
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  return new Promise((resolve, reject) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      end()
    }, patience)
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      process.off('exit', end)
      resolve({ output, late })
    })
  })
}
