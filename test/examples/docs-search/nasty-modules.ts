// Generates a node_modules in which everything is wrong that real ones have, and a disk that fails on demand.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { diskFiles, type Files } from '../../../examples/docs-search/files.ts'

export interface Project extends Disposable {
  readonly root: string
  readonly dir: string
  /** Writes a file below node_modules. */
  write(path: string, content: string | Uint8Array): void
  /** Writes a package.json below node_modules. */
  manifest(path: string, fields: object): void
  link(path: string, to: string): void
}

/** An empty project, gone with its folder when disposed of. */
export function emptyProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'docs-search-'))
  const root = join(folder, 'node_modules')
  mkdirSync(root)
  const place = (path: string): string => {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    return file
  }
  return {
    root,
    dir: join(folder, 'out'),
    write: (path, content) => writeFileSync(place(path), content),
    manifest: (path, fields) => writeFileSync(place(`${path}/package.json`), JSON.stringify(fields)),
    link: (path, to) => symlinkSync(to, place(path)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A few packages without a fault. */
export function soundProject(names: readonly string[] = ['alpha', 'beta', '@scope/gamma']): Project {
  const project = emptyProject()
  for (const name of names) {
    project.manifest(name, { name, version: '1.0.0', description: `the ${name} package`, license: 'MIT' })
    project.write(
      `${name}/README.md`,
      `# ${name}\n\nAll about ${name}.\n\n## Usage\n\nSee [more](more.md).\n`,
    )
  }
  return project
}

/** Every fault at once; `faults` says what must be made of each. */
export function nastyProject(): Project {
  const project = soundProject(['sound'])
  const one = (name: string, readme?: string | Uint8Array): void => {
    project.manifest(name, { name, version: '1.0.0', license: 'MIT' })
    if (readme !== undefined) project.write(`${name}/README.md`, readme)
  }
  one('bom', '\uFEFF# Bom\n')
  one('utf16', Buffer.from('\uFEFF# Wide words\n', 'utf16le'))
  one('latin', Buffer.from('# Caf\u00E9\n', 'latin1'))
  one('damaged', Buffer.concat([Buffer.from('# \u00E9\u00E8\u00EA '), Buffer.from([0xff])]))
  one(
    'binary',
    Uint8Array.from({ length: 400 }, (_, place) => place % 5),
  )
  one('empty', ' \n')
  one('silent')
  one('folder')
  project.write('folder/README.md/index.md', '# not here')
  one('huge', '# Huge\n')
  project.write('huge/CHANGELOG.md', '# 1.0.0\n\nchanged everything\n'.repeat(20_000))
  one('loop')
  project.link('loop/README.md', 'README.md')
  one('dangling')
  project.link('dangling/README.md', 'nowhere.md')
  one('busy', '# Busy\n')
  one('dying', '# Dying\n')
  one('sealed', '# Sealed\n')
  project.write('broken/package.json', '{ "name": ')
  project.write('broken/README.md', '# Broken, but readable\n')
  project.write('bare/README.md', '# Bare\n')
  project.write(
    'texted/package.json',
    '{ "name": "texted", "version": "1.0.0", "license": "SEE LICENSE IN LICENSE" }',
  )
  project.write('texted/README.md', '# Texted\n')
  project.write(
    'texted/LICENSE',
    'Permission is hereby granted, free of charge, to any\nperson obtaining a copy',
  )
  project.manifest('outer', { name: 'outer', version: '1.0.0', license: 'ISC' })
  project.write(
    'outer/README.md',
    '# Outer\n\n[up](../sound/README.md) [here](package.json) [gone](gone.md)\n',
  )
  project.manifest('outer/node_modules/sound', { name: 'sound', version: '0.9.0', license: 'MIT' })
  project.write('outer/node_modules/sound/README.md', '# Sound, the older\n')
  project.manifest('second/node_modules/bom', { name: 'bom', version: '1.0.0', license: 'MIT' })
  project.write('second/node_modules/bom/README.md', '\uFEFF# Bom\n')
  project.write('file-not-package', '')
  project.write(
    '../packages/tool/package.json',
    '{ "name": "@own/tool", "version": "0.0.0", "license": "MIT" }',
  )
  project.write('../packages/tool/README.md', '# Own tool\n')
  project.link('@own/tool', '../../packages/tool')
  project.link('tool-again', '../packages/tool')
  project.link('vanished', '../packages/vanished')
  project.link('circle', 'circle')
  project.write('../package.json', '{ "name": "project", "version": "0.0.0", "license": "MIT" }')
  project.write('../README.md', '# The project itself\n')
  project.link('self', '..')
  project.write('@empty-scope/.keep', '')
  project.write('.bin/sound', '')
  return project
}

/** The disk, where some paths fail: with this code, so many times or always. */
export function failingFiles(
  faults: readonly { readonly path: RegExp; readonly code: string; readonly times?: number }[],
): Files {
  const left = faults.map(({ times = Infinity }) => times)
  const check = (path: string): void => {
    for (const [place, fault] of faults.entries()) {
      if (!fault.path.test(path) || (left[place] ?? 0) <= 0) continue
      left[place] = (left[place] ?? 0) - 1
      throw Object.assign(new Error(`${fault.code}: injected, ${path}`), { code: fault.code })
    }
  }
  return {
    ...diskFiles,
    list: async (folder) => {
      check(`${folder}/`)
      return diskFiles.list(folder)
    },
    read: async (file, limit) => {
      check(file)
      return diskFiles.read(file, limit)
    },
  }
}
