// Packs the package and installs it into an empty project, as a user would, without the network.

import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Project {
  /** Where it is; whoever asked for it removes it. */
  readonly folder: string
}

/** In an empty project, what `npm test` has packed; else what the sources make. */
export function installProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-package-'))
  const tarball = process.env['CATENARY_PACKED'] ?? pack(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  // what it depends on is installed here already: with all of it from there, nothing is fetched
  const installed = ['xstate', 'rxjs', 'tslib', 'immer', 'croner', '@standard-schema/spec']
  const others = installed.map((name) => `file:${join(root, 'node_modules', name)}`)
  npm(['install', '--offline', '--install-links', tarball, ...others], folder)
  return { folder }
}

/** Builds into a folder of its own, so that nobody else's `dist` is touched. */
function pack(folder: string): string {
  const source = join(folder, 'source')
  mkdirSync(source)
  for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    copyFileSync(join(root, file), join(source, file))
  const out = join(source, 'dist')
  run(process.execPath, [join(root, '.ci/build.ts'), out], folder)
  npm(['pack', '--ignore-scripts', '--pack-destination', folder], source)
  return join(folder, globSync('catenary-*.tgz', { cwd: folder })[0] ?? '')
}

/** The folder of a package that only these tests need, fetched once for a checkout. */
export function fetched(name: string, version: string): string {
  const place = join(root, 'node_modules/.cache/catenary-tests', `${name}-${version}`)
  const found = join(place, 'node_modules', name)
  if (existsSync(join(place, 'fetched'))) return found
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  npm(['install', '--prefer-offline', `${name}@${version}`], place)
  writeFileSync(join(place, 'fetched'), '')
  return found
}

/** Runs npm as by hand: what the npm around us has set does not reach it. */
export function npm(words: readonly string[], cwd: string): void {
  run('npm', [...words, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], cwd)
}

/** What a command prints; throws where it fails. */
export function run(command: string, words: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = tryToRun(command, words, cwd)
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

export function tryToRun(
  command: string,
  words: readonly string[],
  cwd: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
  const { status, stdout, stderr, error } = spawnSync(command, words, { cwd, env, encoding: 'utf8' })
  if (error !== undefined) throw error
  return { status, stdout, stderr }
}

/** Bytes of the package's own files as installed. */
export function installedSize({ folder }: Project): number {
  const own = join(folder, 'node_modules/catenary')
  return globSync('**/*', { cwd: own })
    .map((file) => statSync(join(own, file)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}
