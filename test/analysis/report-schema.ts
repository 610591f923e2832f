// The shape of a report as a schema that refuses what it does not know: docs/report.schema.json is made of it.

import { z } from 'zod'

const interval = z.strictObject({
  estimate: z.number(),
  low: z.number().optional(),
  high: z.number().optional(),
})
const percentiles = z.strictObject({
  n: z.int().min(0),
  p50: interval.optional(),
  p95: interval.optional(),
  p99: interval.optional(),
})
const health = z.enum(['ok', 'degraded', 'failing', 'unknown'])
const reached = z.enum(['yes', 'no', 'unknown'])
const severity = z.enum(['high', 'medium', 'low'])
const place = { chain: z.string(), step: z.string().optional() }
const count = z.int().min(0)
const share = z.number().min(0).max(1)
const rung = z.enum([
  'declared',
  'contracted',
  'implemented',
  'wired',
  'tested',
  'exercised',
  'conformant',
  'healthy',
])
const flag = z.enum([
  'stub',
  'stale',
  'drifted',
  'orphan',
  'blocked-by',
  'version-skew',
  'flaky',
  'deprecated',
  'unknown',
])

const meta = z.strictObject({
  at: z.number(),
  from: z.number(),
  to: z.number(),
  seq: count,
  versions: z.record(z.string(), z.string()),
  runs: z.strictObject({
    used: count,
    open: count,
    excluded: z.array(z.strictObject({ reason: z.string(), count })),
  }),
  hash: z.string().regex(/^[0-9a-f]{32}$/),
})

const implementation = z.strictObject({
  chain: z.string(),
  rung,
  flags: z.array(flag),
  blockedBy: z.array(z.string()),
  steps: z.array(
    z.strictObject({
      step: z.string(),
      kind: z.string(),
      rung,
      ladder: z.array(z.strictObject({ rung, reached, why: z.string().optional() })),
      flags: z.array(flag),
      next: z.string().optional(),
    }),
  ),
  next: z.string().optional(),
})

const interactions = z.strictObject({
  edges: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      name: z.string(),
      kind: z.string(),
      follows: z.boolean(),
      rule: z.string(),
      declared: z.boolean(),
      observed: count,
      read: reached,
      n: count,
    }),
  ),
  calls: z.array(z.strictObject({ from: z.string(), step: z.string(), to: z.string(), n: count })),
  signals: z.array(z.strictObject({ name: z.string(), chain: z.string(), n: count })),
  waits: z.array(
    z.strictObject({
      chain: z.string(),
      cause: z.enum([
        'dependency',
        'slot',
        'rate',
        'backoff',
        'timer',
        'signal',
        'memo',
        'service',
        'concurrency',
        'pause',
        'retry-budget',
        'in-flight',
        'process',
      ]),
      ms: z.number().min(0),
      share,
      n: count,
    }),
  ),
  cycles: z.array(z.array(z.string())),
  blast: z.array(z.strictObject({ chain: z.string(), downstream: count, chains: z.array(z.string()) })),
})

const chainHealth = z.strictObject({
  chain: z.string(),
  state: health,
  cause: z.string(),
  evidence: z.strictObject({
    runs: count,
    failed: count,
    window: z.number().min(0),
    low: share,
    high: share,
    root: z.strictObject({ ...place, message: z.string(), count }).optional(),
  }),
  confidence: share,
  slo: z
    .strictObject({
      success: share.optional(),
      within: z.number().optional(),
      met: interval.optional(),
      burn: z.array(
        z.strictObject({
          rate: z.number(),
          long: z.number(),
          short: z.number(),
          burning: z.boolean(),
          n: count,
        }),
      ),
    })
    .optional(),
})

const performance = z.strictObject({
  chains: z.array(
    z.strictObject({
      chain: z.string(),
      n: count,
      duration: percentiles,
      queue: percentiles,
      service: percentiles,
      perHour: z.number().optional(),
      outcomes: z.partialRecord(
        z.enum(['succeeded', 'failed', 'cancelled', 'skipped', 'upstream_failed']),
        count,
      ),
      memo: count,
    }),
  ),
  steps: z.array(
    z.strictObject({
      chain: z.string(),
      step: z.string(),
      n: count,
      attempts: count,
      retried: count,
      failed: count,
      fellBack: count,
      memo: count,
      cutOff: count,
      duration: percentiles,
      queue: percentiles,
      slowest: z
        .array(z.strictObject({ item: z.string(), run: z.string(), took: z.number() }))
        .max(5)
        .optional(),
    }),
  ),
  critical: z.strictObject({
    n: count,
    path: z.array(
      z.strictObject({
        ...place,
        n: count,
        share: interval,
        drag: interval,
        slack: z.number().optional(),
      }),
    ),
  }),
  changes: z.array(
    z.strictObject({
      chain: z.string(),
      metric: z.literal('duration'),
      at: z.number(),
      run: z.string(),
      before: z.number(),
      after: z.number(),
      p: share,
      n: count,
      version: z.strictObject({ from: z.string(), to: z.string() }).optional(),
    }),
  ),
})

const port = z.strictObject({
  port: z.string(),
  used: z.array(z.strictObject(place)),
  n: count,
  availability: interval.optional(),
  latency: percentiles,
  errors: z.array(z.strictObject({ class: z.string(), n: count })),
  breakers: z.array(z.strictObject({ id: z.string(), state: z.string() })),
  amplification: z.number().optional(),
})

const resources = z.strictObject({
  state: health,
  cause: z.string(),
  journal: z.strictObject({ events: count, bytes: count }),
  live: z.strictObject({ runs: count, attempts: count }),
  concurrency: z.strictObject({ most: count, limit: count.optional() }),
  vitals: z
    .strictObject({
      at: z.number(),
      heapUsed: count,
      rss: count,
      loop: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }).optional(),
      utilisation: share.optional(),
    })
    .optional(),
})

const action = z.strictObject({
  id: z.string(),
  kind: z.enum([
    'implement',
    'write-test',
    'migrate',
    're-run-stale',
    'quarantine',
    'pause-downstream',
    'drain',
    'unblock',
    'scale',
    'ask-owner',
  ]),
  place: z.strictObject({ ...place, run: z.string().optional() }),
  sentence: z.string(),
  why: z.string(),
  severity,
  confidence: share,
  effort: z.number().min(0),
  unlocks: count,
  unlocked: z.array(z.string()),
  prerequisites: z.array(z.string()),
  can: z.boolean(),
  policy: z.enum(['off', 'ask', 'auto']),
  state: z.enum(['proposed', 'asked', 'applied', 'verified', 'undone', 'expired', 'dismissed']),
  deed: z
    .strictObject({
      chains: z.array(z.string()),
      cause: z.string(),
      evident: z.boolean(),
      from: z.string().optional(),
      came: z.string().optional(),
      until: z.number().optional(),
    })
    .optional(),
  lock: z.string(),
  expiresAt: z.number(),
  check: z.string(),
})

export const reportSchema = z
  .strictObject({
    schema: z.literal(1),
    meta,
    verdict: z.strictObject({ state: health, sentence: z.string() }),
    implementation: z.array(implementation),
    interactions,
    health: z.array(chainHealth),
    performance,
    integrations: z.array(port),
    resources,
    practices: z.array(
      z.strictObject({ rule: z.string(), ...place, sentence: z.string(), cure: z.string(), severity }),
    ),
    actions: z.array(action),
    experiments: z.array(
      z.strictObject({
        id: z.string(),
        suggestion: z.string(),
        state: z.string(),
        share,
        pairs: count,
        estimate: interval.optional(),
      }),
    ),
    self: z.strictObject({ precision: interval.optional(), dropped: count }),
    diff: z.strictObject({
      since: z.string().nullable(),
      entries: z.array(
        z.strictObject({ section: z.string(), place: z.string(), was: z.string(), is: z.string() }),
      ),
    }),
  })
  .meta({ title: 'Report of the analyzer of Catenary' })
