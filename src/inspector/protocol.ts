// What the inspector's web app and its server say to each other: versioned, the only file that both know.

/** Raised whenever an old app could misread a new server. */
export const protocol = 1

/** Where things are asked for, all below `/api/`; all but the stream answer with one JSON value. */
export const routes = {
  hello: '/api/hello',
  now: '/api/now',
  inbox: '/api/inbox',
  runs: '/api/runs',
  run: '/api/runs/:run',
  events: '/api/runs/:run/events',
  /** A file that `harness.fromTrace` of catenary/testing replays: no view, and not cut. */
  trace: '/api/runs/:run/trace',
  chains: '/api/chains',
  chain: '/api/chains/:chain',
  report: '/api/report',
  advice: '/api/advice',
  stream: '/api/stream',
  command: '/api/command',
} as const

/** How something stands; each has a word and a sign of its own besides its colour. */
export type Standing =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'paused'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'skipped'
  | 'upstream_failed'
  | 'dead-letter'
  | 'needs-attention'
  | 'needs-migration'

/** What the server is, asked first. */
export interface Hello {
  readonly protocol: number
  readonly version: string
  /** Such as the store's file. */
  readonly store: string
  /** Whether commands are taken. */
  readonly commands: boolean
  /** Whether the supervisor is in the server's process: else it is read beside it. */
  readonly live: boolean
  readonly lastSeq: number
  readonly now: number
}

/** A sentence that says why it does not move, and its causes as data, the most telling first. */
export interface Why {
  readonly sentence: string
  readonly causes: readonly Readonly<Record<string, unknown>>[]
}

/** A failure that began somewhere, with what it blocks. */
export interface RootFailureView {
  readonly run: string
  readonly chain: string
  readonly step?: string
  readonly message: string
  readonly at: number
  readonly blocked: readonly string[]
}

/** The first screen. `at` is the moment that it shows. */
export interface NowView {
  readonly at: number
  readonly state: 'ok' | 'degraded' | 'failing' | 'unknown'
  readonly sentence: string
  readonly counts: Readonly<Partial<Record<Standing, number>>>
  /** The same failure of many runs once, the widest first. */
  readonly failures: readonly (RootFailureView & { readonly runs: number })[]
  readonly stuck: readonly {
    readonly run: string
    readonly chains: readonly string[]
    readonly why: Why
    readonly since: number
  }[]
  readonly suggestions: readonly { readonly id: string; readonly sentence: string }[]
  /** Per bucket, oldest first. */
  readonly sparklines: {
    readonly bucketMs: number
    readonly started: readonly number[]
    readonly ended: readonly number[]
    readonly failed: readonly number[]
  }
  readonly vitals?: Readonly<Record<string, number>>
  /** Services and groups, where the supervisor is in this process. */
  readonly services: readonly Readonly<Record<string, unknown>>[]
}

export interface InboxItem {
  readonly kind: 'approval' | 'needs-attention' | 'dead-letter' | 'needs-migration'
  readonly run: string
  readonly chain: string
  readonly step?: string
  readonly signal?: string
  readonly since: number
  readonly until?: number
  readonly detail: string
  readonly cure?: string
  readonly input?: unknown
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

export interface InboxView {
  readonly items: readonly InboxItem[]
}

/** `?q=` id or its beginning, `chain=`, `status=` (several by commas), `attr.<name>=`, `before=` (a run), `limit=`. */
export interface RunsView {
  readonly runs: readonly RunRow[]
  readonly counts: Readonly<Partial<Record<Standing, number>>>
  readonly more: boolean
}

export interface RunRow {
  readonly run: string
  readonly chains: readonly string[]
  readonly status: Standing
  readonly acceptedAt: number
  readonly endedAt: number | null
  readonly wakeAt: number | null
  readonly signals: readonly string[]
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

/** `?at=<seq>` shows it as it was right after that event. */
export interface RunView extends RunRow {
  readonly at: { readonly seq: number; readonly time: number; readonly last: boolean }
  readonly firstSeq: number
  readonly lastSeq: number
  readonly why: Why
  readonly failures: readonly RootFailureView[]
  readonly input?: unknown
  readonly output?: unknown
  readonly chainViews: readonly RunChainView[]
  /** The last run of the same targets that succeeded before it. */
  readonly lastGood?: string
}

/** One chain of a run. */
export interface RunChainView {
  readonly key: string
  readonly chain: string
  readonly version: string
  readonly status: Standing
  readonly needs: readonly { readonly name: string; readonly key: string; readonly kind: string }[]
  readonly call?: { readonly chain: string; readonly step: string; readonly item?: string }
  readonly readyAt?: number
  readonly startedAt?: number
  readonly endedAt?: number
  readonly failure?: {
    readonly message: string
    readonly kind: string
    readonly step?: string
    readonly stack?: string
  }
  readonly input?: unknown
  readonly output?: unknown
  readonly spans: readonly Span[]
  /** The active states of its machine, as ids of the statechart's nodes. */
  readonly active: readonly string[]
  /** Events that it takes now: signals and, of a user's own machine, events. */
  readonly accepts: readonly string[]
  /** Timers that run, with when they are due. */
  readonly timers: readonly { readonly name: string; readonly due: number }[]
}

/** A stretch of time of a step: what the waterfall draws. */
export interface Span {
  readonly step: string
  readonly item?: string
  readonly attempt: number
  readonly phase: 'queued' | 'running' | 'backing-off' | 'waiting' | 'sleeping' | 'calling'
  readonly from: number
  readonly to?: number
  readonly outcome?: 'succeeded' | 'failed' | 'lost' | 'aborted'
  readonly detail?: string
  readonly output?: unknown
}

/** An event as the journal has it; payloads redacted and capped. */
export interface EventRow {
  readonly seq: number
  readonly at: number
  readonly run: string
  readonly type: string
  readonly chain?: string
  readonly step?: string
  readonly item?: string
  readonly attempt?: number
  /** All other fields. */
  readonly body: Readonly<Record<string, unknown>>
  /** The `seq` of what made it happen, where known. */
  readonly cause?: number
}

/** `?after=<seq>&limit=`. */
export interface EventsView {
  readonly events: readonly EventRow[]
  readonly more: boolean
}

/** What depends on what. */
export interface ChainsView {
  readonly chains: readonly ChainCard[]
  readonly edges: readonly ChainEdge[]
}

export interface ChainCard {
  readonly id: string
  readonly version: string
  readonly description?: string
  readonly owner?: string
  readonly tags: readonly string[]
  readonly health: 'ok' | 'degraded' | 'failing' | 'unknown'
  readonly cause: string
  readonly steps: number
  readonly runs: number
  readonly failed: number
  readonly own?: true
}

export interface ChainEdge {
  readonly from: string
  readonly to: string
  readonly name: string
  readonly kind: string
}

/** One chain with its statechart. */
export interface ChainView extends ChainCard {
  readonly machine: MachineNode
  readonly declared: readonly Readonly<Record<string, unknown>>[]
}

/** A state of a statechart: what is drawn. */
export interface MachineNode {
  /** Unique in its machine: XState's state node id. */
  readonly id: string
  readonly key: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly initial?: string
  readonly invokes: readonly string[]
  readonly transitions: readonly {
    readonly event: string
    readonly targets: readonly string[]
    readonly guard?: string
  }[]
  readonly states: readonly MachineNode[]
}

/** Asked by POST with JSON; answered with `CommandReply`. Only where the server takes commands. */
export type Command =
  | {
      readonly do: 'signal'
      readonly run: string
      readonly name: string
      readonly payload?: unknown
      readonly id: string
    }
  | {
      readonly do: 'send'
      readonly run: string
      readonly event: Readonly<Record<string, unknown>>
      readonly to?: string
      readonly id: string
    }
  | { readonly do: 'pause' | 'resume' | 'cancel'; readonly run: string; readonly reason?: string }
  | {
      readonly do: 'retry'
      readonly run: string
      readonly from?: { readonly chain: string; readonly step?: string }
    }
  | { readonly do: 'apply' | 'dismiss'; readonly suggestion: string }
  | { readonly do: 'act' | 'undo'; readonly action: string }

export type CommandReply =
  | { readonly ok: true; readonly seq: number }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** `?after=<seq>`: newline-delimited JSON, one of these a line. */
export type StreamLine =
  | { readonly type: 'hello'; readonly seq: number; readonly now: number }
  | { readonly type: 'events'; readonly events: readonly EventRow[] }
  /** So many events were left out, as the client was too slow: read anew. */
  | { readonly type: 'dropped'; readonly count: number; readonly seq: number }
  /** Nothing new; all is well. */
  | { readonly type: 'beat'; readonly now: number; readonly seq: number }

/** How every error is answered. */
export interface Problem {
  readonly code: string
  readonly message: string
}

/** Of the analyzer's report what the app shows; the whole of it is what `/api/report` answers. */
export interface ReportView {
  readonly meta: {
    readonly at: number
    readonly runs: {
      readonly used: number
      readonly excluded: readonly { readonly reason: string; readonly count: number }[]
    }
  }
  readonly verdict: { readonly state: ChainCard['health']; readonly sentence: string }
  readonly implementation: readonly {
    readonly chain: string
    readonly rung: string
    readonly flags: readonly string[]
    readonly next?: string
    readonly steps: readonly {
      readonly step: string
      readonly rung: string
      readonly flags: readonly string[]
      readonly ladder: readonly { readonly rung: string; readonly reached: string; readonly why?: string }[]
      readonly next?: string
    }[]
  }[]
  readonly health: readonly {
    readonly chain: string
    readonly state: ChainCard['health']
    readonly cause: string
    readonly evidence: {
      readonly runs: number
      readonly failed: number
      readonly low: number
      readonly high: number
    }
  }[]
  readonly performance: {
    readonly chains: readonly {
      readonly chain: string
      readonly n: number
      readonly duration: PercentilesView
    }[]
    readonly critical: {
      readonly n: number
      readonly path: readonly {
        readonly chain: string
        readonly step?: string
        readonly share: IntervalView
        readonly drag: IntervalView
        readonly slack?: number
      }[]
    }
  }
  readonly interactions: {
    readonly edges: readonly {
      readonly from: string
      readonly to: string
      readonly name: string
      /** Whether it joins a run where it is there, rather than needs it. */
      readonly follows: boolean
      /** The trigger rule; `custom` for the author's own. */
      readonly rule: string
      readonly read: 'yes' | 'no' | 'unknown'
      /** Executions that could tell. */
      readonly n: number
    }[]
  }
  readonly practices: readonly {
    readonly rule: string
    readonly chain: string
    readonly step?: string
    readonly sentence: string
    readonly cure: string
    readonly severity: string
  }[]
  readonly actions: readonly {
    readonly id: string
    readonly kind: string
    readonly sentence: string
    readonly why: string
    readonly severity: string
    readonly unlocks: number
    readonly can: boolean
    readonly policy: string
    readonly state: string
    readonly check: string
  }[]
}

export interface IntervalView {
  readonly estimate: number
  readonly low?: number
  readonly high?: number
}

export interface PercentilesView {
  readonly n: number
  readonly p50?: IntervalView
  readonly p95?: IntervalView
  readonly p99?: IntervalView
}

/** What would be better, and what is being tried: as the reflector has it, the best first. */
export interface AdviceView {
  readonly suggestions: readonly SuggestionView[]
  readonly trials: readonly TrialView[]
}

/** A suggestion that is tried, or was, on pairs of runs. */
export interface TrialView {
  readonly id: string
  readonly suggestion: string
  readonly sentence: string
  readonly startedAt: number
  /** Of the runs so many take part, from 0 to 1. */
  readonly share: number
  readonly pairs?: number
  readonly ended?: { readonly verdict: string; readonly why: string; readonly at: number }
}

export interface SuggestionView {
  readonly id: string
  readonly kind: string
  /** `open`, `dismissed`, `trialling`, `kept`, `reverted` or `expired`. */
  readonly state: string
  readonly place: {
    readonly chain: string
    readonly step?: string
    readonly edge?: string
    readonly limiter?: string
  }
  readonly sentence: string
  readonly evidence: {
    readonly runs: number
    readonly n: number
    readonly statistic: string
    readonly value: number
    readonly low: number
    readonly high: number
    readonly level: number
    readonly facts: readonly string[]
  }
  readonly gain: {
    readonly objective: string
    readonly unit: 'ms' | 'count' | 'share'
    readonly estimate: number
    readonly low: number
    readonly high: number
    readonly level: number
  }
  /** RFC 6902 on the config; absent for advice that a person must carry out. */
  readonly patch?: readonly Readonly<Record<string, unknown>>[]
}
