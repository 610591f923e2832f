// Every key of the app in one table: the sheet under `?` shows what works.

import { signal } from '@preact/signals'
import { go, href } from './route.ts'
import { toggleTheme } from './theme.ts'

export const helpOpen = signal(false)

/** Keys that only the present view knows; it registers them while it is shown. */
export interface ViewKey {
  readonly key: string
  readonly does: string
  readonly run: () => void
}
export const viewKeys = signal<readonly ViewKey[]>([])

export const jumps = [
  { key: 'n', to: ['now'], label: 'Now' },
  { key: 'i', to: ['inbox'], label: 'Inbox' },
  { key: 'r', to: ['runs'], label: 'Runs' },
  { key: 'c', to: ['chains'], label: 'Chains' },
  { key: 'a', to: ['advice'], label: 'Status and advice' },
] as const

export const general = [
  ['?', 'this sheet'],
  ['/', 'search runs'],
  ['j  k', 'the next or previous item'],
  ['Enter', 'open it'],
  ['t', 'light or dark'],
  ['Esc', 'close, or leave a field'],
] as const

let pending = 0

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const { target, key } = event
    if (key === 'Escape' && target instanceof HTMLElement && isField(target)) return target.blur()
    if (target instanceof HTMLElement && (isField(target) || target.closest('dialog') !== null)) return
    if (press(key)) event.preventDefault()
  })
}

function press(key: string): boolean {
  if (Date.now() - pending < 1_500) {
    pending = 0
    const jump = jumps.find((one) => one.key === key)
    if (jump !== undefined) {
      go(href(jump.to))
      return true
    }
  }
  const own = viewKeys.value.find((one) => one.key === key)
  if (own !== undefined) {
    own.run()
    return true
  }
  switch (key) {
    case 'g':
      pending = Date.now()
      return true
    case '?':
      helpOpen.value = true
      return true
    case '/':
      return focus('[data-search]')
    case 't':
      toggleTheme()
      return true
    case 'j':
      return step(1)
    case 'k':
      return step(-1)
    default:
      return false
  }
}

const isField = (element: HTMLElement): boolean =>
  /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && (element as HTMLInputElement).type !== 'range'

function focus(selector: string): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(selector)]
  all.at(-1)?.focus()
  return all.length > 0
}

function step(by: number): boolean {
  const items = [...document.querySelectorAll<HTMLElement>('main [data-item]')]
  const at = items.findIndex((item) => item === document.activeElement)
  const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
  return next !== undefined
}
