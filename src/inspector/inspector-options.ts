// What an inspector is made with, and what of it cannot be: all problems in one error.

import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'
import type { RedactOptions } from './redact.ts'

export interface InspectorOptions extends RedactOptions {
  /** Whether it is there at all. Default true, but false where NODE_ENV is `production`. */
  readonly enabled?: boolean
  /** Whether it may pause, cancel, signal and so on, rather than look only. Default false. */
  readonly commands?: boolean
  /** Below which path of a host's server it is mounted, as in `/inspector`. Default none: at the root. */
  readonly prefix?: string
  /**
   * Where it may be reached besides this machine's own names, as in `https://admin.example.com`: requests that come by
   * another host or from a page of another origin are refused. Default none.
   */
  readonly origins?: readonly string[]
  /** Who knows it may look: at least 22 characters of A-Z, a-z, 0-9, `-` and `_`. Default 128 bits drawn anew. */
  readonly token?: string
  /** What the store is called in the app. Default `store`. */
  readonly name?: string
  /** The folder of the built app. Default the one of this package. */
  readonly app?: string
  /** Streams that may be open at a time. Default 16. */
  readonly maxClients?: number
  /**
   * Events a second that each stream is sent, one second's worth at once; who is told fewer than there are is told how many
   * it misses, and goes on with the latest. Default 5,000.
   */
  readonly rate?: number
  /** Bytes of a command. Default 65,536. */
  readonly maxBody?: number
}

const known: KnownOptions<InspectorOptions> = {
  redact: true,
  redactKeys: true,
  caps: true,
  enabled: true,
  commands: true,
  prefix: true,
  origins: true,
  token: true,
  name: true,
  app: true,
  maxClients: true,
  rate: true,
  maxBody: true,
}

const knownCaps: KnownOptions<NonNullable<RedactOptions['caps']>> = {
  depth: true,
  keys: true,
  text: true,
  size: true,
}

export function refuseBadInspector(options: InspectorOptions): void {
  const problems: string[] = []
  const strange = unknownOptions(options, known, 'createInspector')
  if (strange !== undefined) problems.push(strange)
  const strangeCap = unknownOptions(options.caps, knownCaps, 'caps of createInspector')
  if (strangeCap !== undefined) problems.push(strangeCap)
  const { prefix, token, redact, redactKeys, caps, origins, enabled, commands } = options
  if (prefix !== undefined && !(typeof prefix === 'string' && /^(?:\/[\w.~-]+)*$/.test(prefix)))
    problems.push("prefix is no path: give it as in '/inspector', without a slash at its end")
  if (token !== undefined && !(typeof token === 'string' && /^[\w-]{22,256}$/.test(token)))
    problems.push('token is too weak: give at least 22 characters of A-Z, a-z, 0-9, - and _, or leave it out')
  if (redact !== undefined && typeof redact !== 'function') problems.push('redact is no function')
  if (
    redactKeys !== undefined &&
    !(Array.isArray(redactKeys) && redactKeys.every((one) => one instanceof RegExp))
  )
    problems.push('redactKeys is no list of regular expressions')
  if (origins !== undefined && !(Array.isArray(origins) && origins.every((one) => typeof one === 'string')))
    problems.push("origins is no list: give it as in ['https://admin.example.com']")
  for (const [name, value] of Object.entries({ enabled, commands }))
    if (value !== undefined && typeof value !== 'boolean') problems.push(`${name} is neither true nor false`)
  const { maxClients, maxBody, rate } = options
  for (const [name, value] of Object.entries({ maxClients, maxBody, rate, ...caps }))
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      problems.push(`${name} is no whole number above 0`)
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
}
