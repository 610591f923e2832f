// Every sign of the app: 16 by 16, one stroke, in the colour of the text around.

import type { JSX } from 'preact'

const paths = {
  now: 'M1.5 8h3l2-5 3 10 2-5h3',
  inbox: 'M2 9.5 4 3h8l2 6.5V13H2zM2 9.5h3.5l1 2h3l1-2H14',
  runs: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  chains:
    'M4 2.5h3v3H4zM9.5 6.5h3v3h-3zM4 10.5h3v3H4zM7 4h1.5q2.500 0 2.500 2.500M7 12h1.500q2.500 0 2.500-2.500',
  advice: 'M8 1.800a4.200 4.200 0 0 1 2.300 7.700v2H5.700v-2A4.200 4.200 0 0 1 8 1.800M6 14h4',
  sun: 'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7',
  keys: 'M1.500 4h13v8h-13zM4 6.500h.01M6.700 6.500h.01M9.300 6.500h.01M12 6.500h.01M5 9.500h6',
  ok: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M5.200 8.200l2 2 3.700-4.200',
  bad: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M5.800 5.800l4.400 4.400M10.200 5.800l-4.400 4.400',
  run: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M6.600 5.400v5.200L10.800 8z',
  wait: 'M4 2h8M4 14h8M5 2v2.500L8 8l3-3.500V2M5 14v-2.500L8 8l3 3.500V14',
  paused: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M6.400 5.500v5M9.600 5.500v5',
  pending:
    'M8 1.800a6.200 6.200 0 0 1 3 .8M13 4.300a6.200 6.200 0 0 1 1.100 4.500M13 11.700a6.200 6.200 0 0 1-4 2.400M6 13.900a6.200 6.200 0 0 1-3.600-3M1.900 8a6.200 6.200 0 0 1 1.600-4.200',
  cancelled: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M3.700 12.300l8.600-8.600',
  skipped: 'M2 10a6 6 0 0 1 11-3M13.500 3v4h-4',
  broken:
    'M6.500 9.500 4.700 11.300a2.200 2.200 0 0 1-3-3L3.500 6.500M9.500 6.500l1.800-1.800a2.200 2.200 0 0 1 3 3L12.500 9.500M6 3V1.500M3 6H1.500M10 13v1.500M13 10h1.500',
  attention: 'M8 1.800 15 14H1zM8 6.500v3.500M8 12h.01',
  letter: 'M1.500 3.500h13v9h-13zM1.500 4l6.500 5 6.500-5',
  migrate: 'M2 5.500h11M10 2.500l3 3-3 3M14 10.500H3M6 7.500l-3 3 3 3',
  unknown:
    'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M6.200 6.300a1.900 1.900 0 1 1 2.600 1.800q-.8.4-.8 1.300M8 11.400h.01',
  next: 'M6 3.500 10.500 8 6 12.500',
  prev: 'M10 3.500 5.500 8 10 12.500',
  down: 'M3.500 6 8 10.500 12.500 6',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10',
  clock: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M8 4.500V8l2.500 1.500',
  send: 'M14 2 1.500 7l5 2.500L9 14.500zM6.500 9.500 14 2',
  user: 'M8 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6M2.500 14a5.500 5.500 0 0 1 11 0',
} as const

export type IconName = keyof typeof paths

/** Decoration: what it means stands beside it in words. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): JSX.Element {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}

export function Mark(): JSX.Element {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" fill="none" stroke="currentColor" aria-hidden="true">
      <path d="M4 7c3 18 21 18 24 0" stroke-width="3" stroke-linecap="round" />
      <circle cx="4" cy="7" r="3" fill="currentColor" stroke="none" />
      <circle cx="28" cy="7" r="3" fill="currentColor" stroke="none" />
      <circle cx="16" cy="20.500" r="3.500" fill="currentColor" stroke="none" />
    </svg>
  )
}
