// What the mixed job must make of each order, told without running it.

/** How one order is treated. */
export interface Role {
  /** Who asks for the run: the job itself, or another process through the store's inbox. */
  readonly startedBy: 'job' | 'inbox'
  /** Who sends the signal that it waits for. Nobody: it is cancelled through the inbox. */
  readonly approvedBy: 'job' | 'inbox' | 'nobody'
  /** Whether it is paused and resumed through the inbox. */
  readonly paused: boolean
}

/** The orders of a job; `alone`: those that need no other process. */
export function ordersOf(count: number, alone: boolean): readonly number[] {
  return Array.from({ length: count }, (_, n) => (alone ? n * 2 : n))
}

/** How many runs of other kinds there are beside so many orders. */
export function besides(orders: number): {
  readonly trips: number
  readonly fares: number
  readonly payments: number
} {
  return { trips: Math.ceil(orders / 6), fares: Math.ceil(orders / 6), payments: Math.ceil(orders / 8) }
}

/** The status of a trip's run, and its output where it has one. */
export function tripOf(n: number): { readonly status: string; readonly output?: string } {
  return n % 3 === 1 || n % 2 === 0 ? { status: 'failed' } : { status: 'succeeded', output: `trip ${n}` }
}

/** What a fare's run gives. */
export const fareOf = (n: number): number => n + (n % 2) * 100 + (n % 4) * 7

export const idOf = (n: number): string => `mixed-${n}`

export function roleOf(n: number): Role {
  return {
    startedBy: n % 4 === 3 ? 'inbox' : 'job',
    approvedBy: n % 10 === 9 ? 'nobody' : n % 2 === 1 ? 'inbox' : 'job',
    paused: n % 10 === 8,
  }
}

export const approvalOf = (n: number): { readonly by: number } => ({ by: n * 3 + 1 })

/** The result of the order's run, as `settled()` gives it. */
export function resultOf(n: number): unknown {
  if (roleOf(n).approvedBy === 'nobody') return { status: 'cancelled', failures: [] }
  const parts = Array.from({ length: 1 + (n % 5) }, (_, place) => place)
  const { by } = approvalOf(n)
  return {
    status: 'succeeded',
    output: {
      reserve: n + 1,
      pack: parts.map((part) => n * 10 + part),
      quotes: parts.slice(0, 2).map((part) => n * part + 1),
      papers: { label: `label ${n}`, bill: `bill ${n}, signed` },
      way: n % 3 === 0 ? 'by hand' : 'by default',
      approval: { by },
      bill: n * by + 1,
      badge: { pressed: n + 2, dried: n * 2 + 1 },
      poll: n * 2,
    },
  }
}
