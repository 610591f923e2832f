// Every package below node_modules is found, once, under the name of its own folder.

import { expect, test } from 'vitest'
import { diskFiles } from '../../../examples/docs-search/files.ts'
import { compareWith, pathsInLockfile } from '../../../examples/docs-search/packages/lockfile.ts'
import { nameFrom, parseManifest } from '../../../examples/docs-search/packages/manifest.ts'
import { walk } from '../../../examples/docs-search/packages/walk.ts'
import { emptyProject, failingFiles, nastyProject } from './nasty-modules.ts'

test('scoped, nested and linked packages are found, and what is none is said', async () => {
  using project = nastyProject()
  const found = await walk(project.root, diskFiles)
  expect(found.packages).toEqual(
    [
      '@own/tool bare binary bom broken busy damaged dangling dying empty folder huge latin loop outer',
      'outer/node_modules/sound sealed second/node_modules/bom self silent sound texted utf16',
    ]
      .join(' ')
      .split(' '),
  )
  expect(found.aliases).toEqual([{ path: 'tool-again', to: '@own/tool' }])
  expect(found.recoveries.map((one) => `${one.package}: ${one.reason}`)).toEqual([
    '@empty-scope: an empty scope',
    'circle: cannot be read (ELOOP)',
    'file-not-package: a file where a package should be',
    'second: a folder with nothing but node_modules',
    'vanished: cannot be read (ENOENT)',
  ])
})

test('the packages of a store that links them are found in the store', async () => {
  using project = emptyProject()
  project.manifest('.pnpm/a@1.0.0/node_modules/a', { name: 'a' })
  project.manifest('.pnpm/b@2.0.0/node_modules/b', { name: 'b' })
  project.link('.pnpm/a@1.0.0/node_modules/b', '../../b@2.0.0/node_modules/b')
  project.link('a', '.pnpm/a@1.0.0/node_modules/a')
  const { packages, aliases } = await walk(project.root, diskFiles)
  expect(packages).toEqual(['.pnpm/a@1.0.0/node_modules/a', '.pnpm/b@2.0.0/node_modules/b'])
  expect(aliases.map(({ path }) => path)).toEqual(['.pnpm/a@1.0.0/node_modules/b', 'a'])
})

test('a folder that cannot be read is skipped, one that is busy fails the walk', async () => {
  using project = nastyProject()
  const sealed = failingFiles([{ path: /\/sealed\/$/, code: 'EACCES' }])
  expect((await walk(project.root, sealed)).recoveries).toContainEqual({
    package: 'sealed',
    reason: 'cannot be read (EACCES)',
    action: 'skip',
    outcome: 'not indexed',
  })
  const busy = failingFiles([{ path: /\/busy\/$/, code: 'EMFILE', times: 1 }])
  await expect(walk(project.root, busy)).rejects.toThrow('EMFILE')
})

test("npm's lockfile is compared with what is there", () => {
  const listed = pathsInLockfile(
    '{ "packages": { "": {}, "node_modules/b": {}, "node_modules/a": {}, "ws": {} } }',
  )
  expect(listed).toEqual(['a', 'b'])
  expect(compareWith(listed ?? [], ['a', 'c'])).toEqual({
    compared: true,
    listed: 2,
    missing: ['b'],
    extra: ['c'],
  })
  expect(pathsInLockfile('{')).toBeUndefined()
  expect(pathsInLockfile('[]')).toBeUndefined()
})

test('a manifest gives what it has, and its folder names it where it is broken', () => {
  const read = (text: string): object => parseManifest('a/node_modules/@s/b', Buffer.from(text))
  expect(read('{"name":"x","version":1,"keywords":["k",2],"license":{"type":"ISC"}}')).toEqual({
    name: 'x',
    version: '',
    description: '',
    keywords: ['k'],
    license: 'ISC',
  })
  expect(read('{"licenses":[{"type":"MIT"},{"type":"GPL-2.0"}]}')).toMatchObject({
    name: '@s/b',
    license: '(MIT OR GPL-2.0)',
    problem: 'package.json has no name',
  })
  expect(read('{')).toMatchObject({ name: '@s/b', problem: 'package.json is not JSON' })
  expect(read('[]')).toMatchObject({ problem: 'package.json is not an object' })
  expect(nameFrom('plain')).toBe('plain')
})
