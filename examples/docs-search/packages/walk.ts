// Finds every package below a node_modules folder: scoped, nested, linked, and those that are broken.

import { join } from 'node:path'
import { codeOf, type Files, mayPass } from '../files.ts'
import { type Recovery, sortRecoveries } from '../recovery.ts'

/** A second name for a package that is found elsewhere: a workspace, or a package manager's links. */
export interface Alias {
  readonly path: string
  readonly to: string
}

export interface Walk {
  /** Paths below the root, sorted, with forward slashes. */
  readonly packages: readonly string[]
  readonly aliases: readonly Alias[]
  readonly recoveries: readonly Recovery[]
}

interface Link {
  readonly path: string
  readonly real: string
}

/** Walks the tree. Links are looked at last, so that a package keeps the name of its own folder. */
export async function walk(root: string, files: Files): Promise<Walk> {
  const packages: string[] = []
  const aliases: Alias[] = []
  const recoveries: Recovery[] = []
  const links: string[] = []
  const realRoot = await files.real(root)
  const seen = new Map<string, string>([[realRoot, '.']])

  const skip = (path: string, reason: string): void => {
    recoveries.push({ package: path, reason, action: 'skip', outcome: 'not indexed' })
  }

  /** A node_modules folder, or a scope in one. */
  const folder = async (path: string, scope: boolean): Promise<void> => {
    let found = 0
    for (const { name, kind } of await files.list(join(root, path))) {
      // what begins with a dot is the package manager's; pnpm keeps the packages themselves there
      if (name === '.pnpm' && kind === 'directory') await virtualStore(below(path, name))
      if (name.startsWith('.')) continue
      found++
      const at = below(path, name)
      if (kind === 'link') links.push(at)
      else if (kind !== 'directory') skip(at, 'a file where a package should be')
      else if (name.startsWith('@') && !scope) await guarded(at, async () => folder(at, true))
      else await guarded(at, async () => one(at, join(realRoot, at)))
    }
    if (scope && found === 0) skip(path, 'an empty scope')
  }

  const virtualStore = async (path: string): Promise<void> => {
    for (const { name, kind } of await files.list(join(root, path))) {
      if (kind === 'directory') await nested(below(path, name))
    }
  }

  const one = async (path: string, real: string): Promise<void> => {
    seen.set(real, path)
    const names = new Set((await files.list(join(root, path))).map(({ name }) => name))
    const inside = names.delete('node_modules')
    if (names.size === 0) skip(path, inside ? 'a folder with nothing but node_modules' : 'an empty folder')
    else packages.push(path)
    if (inside) await nested(path)
  }

  const nested = async (path: string): Promise<void> => {
    const at = `${path}/node_modules`
    await guarded(at, async () => {
      const real = await files.real(join(root, at))
      if (seen.has(real)) return
      seen.set(real, at)
      await folder(at, false)
    })
  }

  const follow = async ({ path, real }: Link): Promise<void> => {
    const known = seen.get(real)
    if (known !== undefined) aliases.push({ path, to: known })
    else if ((await files.kind(real)) === 'directory') await one(path, real)
    else skip(path, 'a link to a file')
  }

  /** What cannot be read is skipped; what may be read later fails the walk, which is then tried again. */
  const guarded = async (path: string, visit: () => Promise<void>): Promise<void> => {
    try {
      await visit()
    } catch (error) {
      if (mayPass(error)) throw error
      skip(path, `cannot be read (${codeOf(error)})`)
    }
  }

  await folder('.', false)
  for (let path = links.shift(); path !== undefined; path = links.shift()) {
    const at = path
    await guarded(at, async () => follow({ path: at, real: await files.real(join(root, at)) }))
  }
  return {
    packages: packages.toSorted(),
    aliases: aliases.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    recoveries: sortRecoveries(recoveries),
  }
}

function below(path: string, name: string): string {
  return path === '.' ? name : `${path}/${name}`
}
