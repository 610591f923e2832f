// catenary/telemetry: spans and metrics of a supervisor for OpenTelemetry. It needs the peer @opentelemetry/api.

export { createTelemetry, type TelemetryOptions } from './telemetry/create-telemetry.ts'
export { spanIds, type SpanIds } from './telemetry/span-ids.ts'
export type { Watched, Watcher, Watching } from './engine/watcher.ts'
