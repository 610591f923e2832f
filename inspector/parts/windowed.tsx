// A list of any length of which only the rows in sight exist.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'

export interface WindowedProps<T> {
  readonly rows: readonly T[]
  /** Pixels of each row. */
  readonly height: number
  readonly label: string
  readonly draw: (row: T, index: number) => ComponentChildren
  /** Where to look at first. */
  readonly first?: number
}

const spare = 12

export function Windowed<T>({ rows, height, label, draw, first }: WindowedProps<T>): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const [{ top, tall }, setView] = useState({ top: 0, tall: 800 })
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const look = (): void => setView({ top: element.scrollTop, tall: element.clientHeight })
    if (first !== undefined && first > 0)
      element.scrollTop = Math.max(0, first * height - element.clientHeight / 2)
    look()
    element.addEventListener('scroll', look, { passive: true })
    const sized = new ResizeObserver(look)
    sized.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      sized.disconnect()
    }
  }, [])
  const from = Math.max(0, Math.floor(top / height) - spare)
  const to = Math.min(rows.length, Math.ceil((top + tall) / height) + spare)
  return (
    <div class="window" ref={box} tabIndex={0} role="region" aria-label={label}>
      <div class="inner" style={{ height: `${rows.length * height}px` }}>
        <div class="slice" style={{ transform: `translateY(${from * height}px)` }}>
          {rows.slice(from, to).map((row, index) => draw(row, from + index))}
        </div>
      </div>
    </div>
  )
}
