// Tests of the disk that loses what was not synced.

import { expect, test } from 'vitest'
import { createRandom } from '../../../src/kernel/random.ts'
import { createDisk, type Disk } from './disk.ts'
import type { Deed } from './recorder.ts'

const file = '/root/a'

function diskAfter(...deeds: readonly (readonly [Deed['operation'], string, string?, number?])[]): Disk {
  const disk = createDisk()
  for (const [operation, handle, text = '', offset = 0] of deeds)
    disk.apply({ operation, handle, offset, bytes: Buffer.from(text) })
  return disk
}

/** All that power cuts may leave of the file; undefined where there is none. */
function remains(disk: Disk): ReadonlySet<string | undefined> {
  const chance = createRandom(1)
  return new Set(Array.from({ length: 200 }, () => disk.cut(chance).files.get(file)?.toString()))
}

const made = [
  ['created', '1', file],
  ['opened', '2', '/root'],
  ['sync-begun', '2'],
  ['sync-ended', '2'],
] as const

test('a name is sure once its folder is synced', () => {
  expect(remains(diskAfter(made[0]))).toEqual(new Set([undefined, '']))
  expect(remains(diskAfter(...made))).toEqual(new Set(['']))
})

test('what was written is sure once it is synced', () => {
  const written = [...made, ['written', '1', 'ab']] as const
  expect(remains(diskAfter(...written))).toEqual(new Set(['', 'ab']))
  expect(remains(diskAfter(...written, ['sync-begun', '1']))).toEqual(new Set(['', 'ab']))
  expect(remains(diskAfter(...written, ['sync-begun', '1'], ['sync-ended', '1']))).toEqual(new Set(['ab']))
})

test('a sync makes sure of nothing that came after it had begun', () => {
  const disk = diskAfter(
    ...made,
    ['written', '1', 'ab'],
    ['sync-begun', '1'],
    ['written', '1', 'cd', 2],
    ['sync-ended', '1'],
  )
  expect(remains(disk)).toEqual(new Set(['ab', 'abcd']))
})

test('writes survive in any order, and in part by sectors', () => {
  const disk = diskAfter(...made, ['written', '1', 'a'.repeat(512) + 'b'], ['written', '1', 'c', 513])
  const found = [...remains(disk)].map((text) =>
    text
      ?.replaceAll('\0', '-')
      .replace(/a{512}/, 'A')
      .replace(/-{512}/, '_'),
  )
  expect(new Set(found)).toEqual(new Set(['', 'A', '_b', 'Ab', 'Abc', '_-c', 'A-c', '_bc']))
})

test('a file that was removed may be there again until its folder is synced', () => {
  const removed = [...made, ['removed', '0', file]] as const
  expect(remains(diskAfter(...removed))).toEqual(new Set([undefined, '']))
  expect(remains(diskAfter(...removed, ['sync-begun', '2'], ['sync-ended', '2']))).toEqual(
    new Set([undefined]),
  )
})
