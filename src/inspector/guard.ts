// Who may ask at all: by host, origin, site and token, before anything of the request is looked at.

import { createHash, timingSafeEqual } from 'node:crypto'
import { CatenaryError } from '../kernel/errors.ts'
import { Refusal } from './answers.ts'

/** Where it may be reached: whoever gets there under another name was led there by somebody else's page. */
export interface Allowed {
  /** Values of `Host`, in lower case. */
  readonly hosts: ReadonlySet<string>
  /** Values of `Origin`, in lower case. */
  readonly origins: ReadonlySet<string>
  /** Also this machine's own names, at any port, each with the origin that has the same host. */
  readonly loopback: boolean
}

const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/

/** The hosts of these origins and they themselves. */
export function allow(origins: readonly string[], loopback: boolean): Allowed {
  const urls = origins.map((given) => {
    const url = URL.canParse(given) ? new URL(given) : undefined
    if (url !== undefined && /^https?:$/.test(url.protocol) && given.toLowerCase() === url.origin) return url
    const message = `"${given}" is no origin: give it as in https://admin.example.com, without a path`
    throw new CatenaryError('BAD_OPTION', message)
  })
  return {
    hosts: new Set(urls.map(({ host }) => host)),
    origins: new Set(urls.map(({ origin }) => origin)),
    loopback,
  }
}

/** Refuses a request that came by a wrong name, or from another site's page. */
export function refuseStrangers(request: Request, url: URL, { hosts, origins, loopback }: Allowed): void {
  const host = (request.headers.get('host') ?? url.host).toLowerCase()
  const known = hosts.has(host) || (loopback && loopbackHost.test(host))
  if (!known) {
    const message = 'this inspector does not answer under that name: open the address that it printed'
    throw new Refusal(403, 'FORBIDDEN_HOST', `${message}, or list yours under origins`)
  }
  const origin = request.headers.get('origin')?.toLowerCase()
  // a page of this very server, if its host is allowed by being loopback; else as listed, scheme and port included
  const same = origins.has(origin ?? '')
    ? new URL(origin ?? '').host === host
    : loopback && loopbackHost.test(host) && origin === `${url.protocol}//${host}`
  if (origin !== undefined && !same)
    throw new Refusal(403, 'FORBIDDEN_ORIGIN', 'a page of another origin may not ask this inspector')
  const site = request.headers.get('sec-fetch-site')?.toLowerCase()
  if (site === 'cross-site')
    throw new Refusal(
      403,
      'CROSS_SITE',
      'a page of another site may not ask this inspector: type its address',
    )
}

/** Refuses whoever does not know the token, and whoever puts it where it would be logged. */
export function refuseTokenless(request: Request, token: string): void {
  const site = request.headers.get('sec-fetch-site')?.toLowerCase()
  if (site === 'same-site')
    throw new Refusal(403, 'CROSS_SITE', 'a page of another origin may not ask this inspector')
  const given = request.headers.get('authorization')
  if (given === null) {
    const cure = 'send it as "Authorization: Bearer <token>"; it is behind #token= in the address printed'
    throw new Refusal(401, 'TOKEN_MISSING', `the token is missing: ${cure}`, { 'www-authenticate': 'Bearer' })
  }
  const [, secret = ''] = /^bearer +([\w.~+/=-]+)$/i.exec(given) ?? []
  if (!isSame(secret, token)) {
    const cure = 'it is another one after each start; open the address printed last'
    throw new Refusal(401, 'TOKEN_WRONG', `the token is wrong: ${cure}`, { 'www-authenticate': 'Bearer' })
  }
}

/** A token in an address ends up in logs and histories, so nothing is served there, whether it is right or not. */
export function refuseTokenInQuery(url: URL): void {
  for (const name of url.searchParams.keys())
    if (/^(?:access[-_])?token$|^authorization$/i.test(name))
      throw new Refusal(
        400,
        'TOKEN_IN_QUERY',
        'a token does not belong into a query: send it as Authorization',
      )
}

/** In the same time wherever they differ, and however long they are. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
