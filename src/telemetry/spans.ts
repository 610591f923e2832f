// Tells a tracer of the stretches of runs: each as one span with the times of the journal, under the one that it is in.

import {
  type Attributes,
  type Context,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Failure } from '../kernel/failure.ts'
import { withIds } from './span-ids.ts'
import type { Stretch, StretchEnd, StretchListener } from './stretch.ts'

export class Spans implements StretchListener {
  readonly #tracer: Tracer
  readonly #mostOfRun: number
  readonly #dropped: () => void

  /**
   * @param mostOfRun steps and attempts of a run beyond so many spans are not told of.
   * @param dropped called for each of those.
   */
  constructor(tracer: Tracer, mostOfRun: number, dropped: () => void) {
    this.#tracer = tracer
    this.#mostOfRun = mostOfRun
    this.#dropped = dropped
  }

  /** A span is made when something needs it: its end, something in it, or what runs in it. */
  began(): void {}

  ended(stretch: Stretch, { at, how, failure }: StretchEnd): void {
    if (this.#tooMany(stretch)) return this.#dropped()
    const type = errorType(how, failure)
    const ending: Attributes = { [`catenary.${stretch.kind}.outcome`]: how }
    if (type !== undefined) ending['error.type'] = type
    let span = stretch.held as Span | undefined
    if (span === undefined) span = this.#start(stretch, ending)
    else span.setAttributes({ ...stretch.attributes, ...ending })
    // what links to it, or happens in it later, needs its ids only
    stretch.held = trace.wrapSpanContext(span.spanContext())
    if (!span.isRecording()) return span.end(timeOf(at))
    for (const { name, at: noted, attributes } of stretch.notes)
      span.addEvent(name, attributes, timeOf(noted))
    if (type !== undefined) {
      const message = failure?.message
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) })
      if (failure !== undefined && stretch.kind === 'attempt')
        span.recordException(exceptionOf(failure), timeOf(at))
    }
    span.end(timeOf(at))
  }

  /** The context in which what belongs to the stretch happens. */
  contextOf(stretch: Stretch): Context {
    return trace.setSpan(ROOT_CONTEXT, this.#spanOf(stretch))
  }

  #spanOf(stretch: Stretch): Span {
    if (this.#tooMany(stretch) && stretch.parent !== undefined) return this.#spanOf(stretch.parent)
    stretch.held ??= this.#start(stretch)
    return stretch.held as Span
  }

  /** @param ending what is known of its end, where it starts only now. */
  #start(stretch: Stretch, ending?: Attributes): Span {
    const { kind, name, at, parent, chain, step } = stretch
    const context = parent === undefined ? ROOT_CONTEXT : this.contextOf(parent)
    const links = stretch.links.map(({ to, attributes }) => ({
      context: this.#spanOf(to).spanContext(),
      attributes: attributes as Attributes,
    }))
    const attributes = {
      ...stretch.attributes,
      ...(chain === undefined ? {} : { 'catenary.chain.id': chain }),
      ...(step === undefined ? {} : { 'catenary.step.name': step }),
      ...ending,
    } as Attributes
    return withIds(stretch, () =>
      this.#tracer.startSpan(
        `${kind} ${name}`,
        { kind: SpanKind.INTERNAL, startTime: timeOf(at), attributes, links },
        context,
      ),
    )
  }

  #tooMany({ kind, nth }: Stretch): boolean {
    return nth > this.#mostOfRun && (kind === 'step' || kind === 'attempt')
  }
}

/** The class of an error, of few values, as the semantic conventions want it; none where nothing went wrong. */
export function errorType(how: StretchEnd['how'], failure: Failure | undefined): string | undefined {
  if (how === 'lost' || how === 'upstream_failed') return how
  if (how !== 'failed') return undefined
  if (failure === undefined) return 'failed'
  const { kind, code, name } = failure
  if (kind !== 'thrown') return code ?? kind
  return code ?? (name === undefined || name === 'Error' ? kind : name)
}

function exceptionOf({ kind, name, message, stack }: Failure): {
  readonly name: string
  readonly message: string
  readonly stack?: string
} {
  return { name: name ?? kind, message, ...(stack === undefined ? {} : { stack }) }
}

/** A number alone would be taken for a time since the process began, where it is older than that. */
function timeOf(at: number): HrTime {
  const seconds = Math.floor(at / 1000)
  return [seconds, Math.round((at - seconds * 1000) * 1e6)]
}
