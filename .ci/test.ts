// `npm test`: every stage, two at a time, stopping at the first failure; the last line is
// `N passed, N failed[, N skipped]`, where each stage but the tests themselves counts as one.
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { readTotals, totals, type Totals } from './totals.ts'

interface Stage {
  name: string
  command: string
  /** What to do about a failure. */
  cure: string
  /** Prints as it goes, and ends with its own totals. */
  counts?: boolean
}

const root = join(import.meta.dirname, '..')
const packed = mkdtempSync(join(tmpdir(), 'catenary-pack-'))
const tarball = join(packed, 'catenary-*.tgz')

/** Groups run one after the other; the stages of a group, two at a time. */
const groups: Stage[][] = [
  [
    { name: 'format', command: 'oxfmt --check', cure: 'run `npm run format`' },
    { name: 'lint', command: 'oxlint', cure: 'see each message; `npx oxlint --fix` mends some' },
    {
      name: 'floors',
      command: 'node .ci/floors.ts',
      cure: 'move the code, or pass the thing in; see AGENTS.md',
    },
    { name: 'types', command: 'tsc && tsc -p inspector', cure: 'run `npm run types`' },
    { name: 'unused', command: 'knip', cure: 'remove what nothing uses, or use it' },
    {
      name: 'build',
      command: `node .ci/build.ts && npm pack --ignore-scripts --silent --pack-destination ${packed}`,
      cure: 'run `npm run build`',
    },
  ],
  [
    { name: 'publint', command: `publint run ${tarball} --strict`, cure: 'mend package.json' },
    {
      name: 'attw',
      command: `attw ${tarball} --profile esm-only --no-definitely-typed --no-emoji --format ascii`,
      cure: 'mend the exports of package.json, or the types they name',
    },
  ],
  [{ name: 'tests', command: 'vitest run', cure: 'run `npx vitest run <file>`', counts: true }],
]

/** What the build has packed, for the tests of the package. */
const built = (): object => {
  const [file] = globSync(tarball)
  return file === undefined ? {} : { CATENARY_PACKED: file }
}
const path = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter)
const env = {
  ...process.env,
  PATH: path,
  npm_config_loglevel: 'error',
  ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
}

function run({ command, counts }: Stage): Promise<{ ok: boolean; output: string }> {
  return new Promise((done) => {
    const child = spawn(command, {
      cwd: root,
      env: { ...env, ...built() },
      shell: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const hear = (chunk: string): void => {
      output += chunk
      if (counts) process.stdout.write(chunk)
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.on('error', (error) => done({ ok: false, output: `${output}${error.message}\n` }))
    child.on('close', (code) => done({ ok: code === 0, output }))
  })
}

const sum: Totals = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

async function perform(stage: Stage): Promise<void> {
  const begun = performance.now()
  if (stage.counts) console.log(`\n${stage.name}`)
  const { ok, output } = await run(stage)
  const counted = stage.counts ? readTotals(output) : undefined
  sum.passed += counted?.passed ?? (ok ? 1 : 0)
  sum.failed += counted ? Math.max(counted.failed, ok ? 0 : 1) : ok ? 0 : 1
  sum.skipped += counted?.skipped ?? 0
  const time = `${((performance.now() - begun) / 1000).toFixed(1)} s`
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${stage.name.padEnd(8)} ${time.padStart(8)}`)
  if (!ok) failures.push(`\n${stage.counts ? '' : `${output.trim()}\n\n`}${stage.name} failed: ${stage.cure}`)
}

const begun = performance.now()
try {
  for (const group of groups) {
    const waiting = [...group]
    const lane = async (): Promise<void> => {
      for (let stage = waiting.shift(); stage && sum.failed === 0; stage = waiting.shift())
        await perform(stage)
    }
    await Promise.all([lane(), lane()])
    if (sum.failed > 0) break
  }
} finally {
  rmSync(packed, { recursive: true, force: true })
}
for (const failure of failures) console.log(failure)
console.log(`\n${((performance.now() - begun) / 1000).toFixed(1)} s in all, on Node ${process.versions.node}`)
console.log(totals(sum))
process.exitCode = sum.failed > 0 ? 1 : 0
