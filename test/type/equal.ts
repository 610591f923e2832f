// Says of two types whether they are the same, for type tests: `Expect<Equal<A, B>>`.

export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export type Expect<T extends true> = T
