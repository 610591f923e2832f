// catenary/testing: time that tests move, stores that fail on purpose, and the suite that every store must pass.

export { createVirtualClock, type VirtualClock } from './testing/virtual-clock.ts'
export { createFaultyStore } from './testing/faulty-store.ts'
export { describeStoreConformance } from './testing/store-conformance.ts'
export { createMemoryContents } from './journal/memory-contents.ts'
export { createMemoryStore } from './journal/memory-store.ts'
