// Light or dark: as the system says, until somebody chooses.

import { effect, signal } from '@preact/signals'

export type Theme = 'light' | 'dark'
const key = 'catenary.theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const systemTheme = (): Theme => (system.matches ? 'dark' : 'light')
const kept = (): Theme | undefined => {
  const value = localStorage.getItem(key)
  return value === 'light' || value === 'dark' ? value : undefined
}

export const theme = signal<Theme>(kept() ?? systemTheme())

export function startTheme(): void {
  system.addEventListener('change', () => (theme.value = kept() ?? systemTheme()))
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
  })
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  if (theme.value === systemTheme()) localStorage.removeItem(key)
  else localStorage.setItem(key, theme.value)
}
