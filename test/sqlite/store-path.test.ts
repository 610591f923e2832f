// Tests of where a store may lie: on a local disk, under one true path.

import { mkdirSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

import { networkFileSystem } from '../../src/sqlite/network-file-system.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { storePath } from '../../src/sqlite/store-path.ts'
import { testFolder } from './folder.ts'

describe('the path of a store', () => {
  test('is absolute, with every link followed, though nothing is there yet', () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'linked'))
    symlinkSync('real/b.db', join(folder, 'a.db'))
    const real = storePath(join(folder, 'real', 'b.db'))
    expect(storePath(join(folder, 'linked', 'b.db'))).toBe(real)
    expect(storePath(join(folder, 'a.db'))).toBe(real)
    expect(storePath(relative(process.cwd(), join(folder, 'a.db')))).toBe(real)
    expect(storePath(join(folder, 'no', 'where', 'b.db'))).toBe(join(folder, 'no', 'where', 'b.db'))
  })

  test('is refused where links go in a circle', () => {
    const folder = testFolder()
    symlinkSync('b.db', join(folder, 'a.db'))
    symlinkSync('a.db', join(folder, 'b.db'))
    expect(() => storePath(join(folder, 'a.db'))).toThrow(/cannot be reached/)
  })

  test('is refused for a database in memory, with the cure', () => {
    for (const file of [':memory:', '', 'file:a.db?mode=memory']) {
      expect(() => createSqliteStore(file)).toThrow(/no store/)
    }
  })
})

test('an unknown option is refused with the values that there are', () => {
  // @ts-expect-error a caller without types
  expect(() => createSqliteStore('a.db', { writer: 'fast' })).toThrow('use auto or inline or thread')
})

describe('a network file system', () => {
  const mounts = [
    '22 1 8:1 / / rw,relatime - ext4 /dev/vda rw',
    '40 22 0:35 / /mnt/a\\040b rw - fuse.sshfs host:/ rw',
    '41 22 0:36 / /mnt/disk rw - fuse.ntfs-3g /dev/sdb1 rw',
    '42 40 0:37 / /mnt/a\\040b/local rw - fuse.mergerfs x rw',
  ].join('\n')
  const fuse = 0x65735546

  test('is known by the number of its kind', () => {
    expect(networkFileSystem('/data', 0x6969, () => '')).toBe('NFS')
    expect(networkFileSystem('/data', 0xff534d42, () => '')).toBe('CIFS')
    expect(networkFileSystem('/data', -11317950, () => '')).toBe('CIFS')
    expect(networkFileSystem('/data', 0xef53, () => '')).toBeUndefined()
  })

  test('in user space is known by its mount, and local ones are let through', () => {
    expect(networkFileSystem('/mnt/a b/deep', fuse, () => mounts)).toBe('fuse.sshfs')
    expect(networkFileSystem('/mnt/a b', fuse, () => mounts)).toBe('fuse.sshfs')
    expect(networkFileSystem('/mnt/a b/local/x', fuse, () => mounts)).toBeUndefined()
    expect(networkFileSystem('/mnt/disk/x', fuse, () => mounts)).toBeUndefined()
    expect(networkFileSystem('/mnt/a boat', fuse, () => mounts)).toBeUndefined()
  })
})
