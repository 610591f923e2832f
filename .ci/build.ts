// Builds dist/ from src and machines, from scratch.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const compiler = join(root, 'node_modules/typescript/bin/tsc')
rmSync(join(root, 'dist'), { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [compiler, '-p', '.ci/tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
const command = join(root, 'dist/src/cli.js')
if (existsSync(command)) chmodSync(command, 0o755)
process.exitCode = status ?? 1
