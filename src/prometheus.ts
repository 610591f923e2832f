// catenary/prometheus: metrics of a supervisor as text for Prometheus, without anything else installed.

export {
  createPrometheus,
  type Prometheus,
  type PrometheusOptions,
  type Scrape,
} from './telemetry/create-prometheus.ts'
