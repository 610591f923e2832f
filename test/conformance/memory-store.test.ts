// The memory store against the whole conformance suite.

import { describe, test } from 'vitest'

import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { describeStoreConformance } from '../../src/testing/store-conformance.ts'

let contents = createMemoryContents()

describeStoreConformance({
  name: 'the memory store',
  create: () => createMemoryStore((contents = createMemoryContents())),
  reopen: () => createMemoryStore(contents),
  describe,
  test,
})
