// The address is the whole state of the app: `#/runs/<id>?tab=machine&at=57`. Links and the back button just work.

import { signal } from '@preact/signals'

export interface Route {
  /** Such as `['runs', 'r1']`; never empty. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

const tokenKey = 'catenary.token'

/** The token comes once in the address; it is taken out of it before anything else happens. */
export function takeToken(): void {
  const [, token] = /^#token=([^&/]+)/.exec(location.hash) ?? []
  if (token === undefined) return
  sessionStorage.setItem(tokenKey, decodeURIComponent(token))
  history.replaceState(null, '', `${location.pathname}${location.search}#/now`)
}

export const tokenOf = (): string | null => sessionStorage.getItem(tokenKey)
export const keepToken = (token: string): void => sessionStorage.setItem(tokenKey, token)

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#/, '').split('?')
  const parts = path.split('/').filter((part) => part !== '')
  return {
    path: parts.length === 0 ? ['now'] : parts.map((part) => decodeURIComponent(part)),
    query: new URLSearchParams(query),
  }
}

export const route = signal<Route>({ path: ['now'], query: new URLSearchParams() })

export function startRoute(): void {
  takeToken()
  route.value = read()
  addEventListener('hashchange', () => {
    takeToken()
    route.value = read()
  })
}

type Query = Readonly<Record<string, string | number | undefined>>

/** An address within the app. Empty values are left out. */
export function href(path: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()
  return `#/${path.map((part) => encodeURIComponent(part)).join('/')}${text === '' ? '' : `?${text}`}`
}

export function go(to: string): void {
  location.hash = to
}

/** The address of this view with some of its query changed; `undefined` takes one out. */
export function withQuery(changes: Query): string {
  const { path, query } = route.value
  return href(path, { ...Object.fromEntries(query), ...changes })
}

/** Changes the query in place: no new entry for the back button. */
export function setQuery(changes: Query): void {
  history.replaceState(null, '', withQuery(changes))
  route.value = read()
}
