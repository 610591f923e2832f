// What the inspector answers with: every answer carries the same strict headers, and every error the same shape.

import type { Problem } from './protocol.ts'

/**
 * Nothing but its own files, nothing inline, nobody around it; Trusted Types with one policy, `catenary`, for the
 * address of the app's worker.
 */
const csp = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types catenary',
].join('; ')

const strict: Readonly<Record<string, string>> = {
  'content-security-policy': csp,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'cache-control': 'no-store',
}

/** An answer with the strict headers. */
export function answer(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  type: string,
  {
    status = 200,
    headers = {},
  }: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const length: Record<string, string> =
    body instanceof ReadableStream ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Response(body, { status, headers: { ...strict, ...length, 'content-type': type, ...headers } })
}

export function json(value: unknown, status = 200): Response {
  return answer(JSON.stringify(value), 'application/json; charset=utf-8', { status })
}

/** Why a request is not served. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }

  /** The answer; whoever was refused has no reason to go on sending. */
  get response(): Response {
    const problem: Problem = { code: this.code, message: this.message }
    const headers = { connection: 'close', ...this.headers }
    return answer(JSON.stringify(problem), 'application/json; charset=utf-8', {
      status: this.status,
      headers,
    })
  }
}
