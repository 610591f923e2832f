// A picture that may be moved and enlarged by hand; it never moves by itself.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'
import { Icon } from '../parts/icon.tsx'

interface Camera {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface ViewportProps {
  readonly width: number
  readonly height: number
  /** Another picture is looked at from the beginning; the same one, however it changed, as it was. */
  readonly of: string
  readonly label: string
  readonly children: ComponentChildren
}

const least = 0.1
const most = 3

export function Viewport({ width, height, of, label, children }: ViewportProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const [camera, setCamera] = useState<Camera>({ x: 0, y: 0, scale: 1 })
  const fit = (): void => {
    const element = box.current
    if (element === null || width === 0) return
    const scale = Math.min(1, (element.clientWidth - 32) / width, (element.clientHeight - 32) / height)
    const readable = Math.max(scale, 0.45)
    setCamera({
      scale: readable,
      x: Math.max(16, (element.clientWidth - width * readable) / 2),
      y: Math.max(16, Math.min(40, (element.clientHeight - height * readable) / 2)),
    })
  }
  const empty = width === 0
  useEffect(fit, [of, empty])
  const zoom = (factor: number, x?: number, y?: number): void =>
    setCamera((now) => {
      const element = box.current
      const scale = Math.min(most, Math.max(least, now.scale * factor))
      const px = x ?? (element?.clientWidth ?? 0) / 2
      const py = y ?? (element?.clientHeight ?? 0) / 2
      const by = scale / now.scale
      return { scale, x: px - (px - now.x) * by, y: py - (py - now.y) * by }
    })
  const move = (x: number, y: number): void => setCamera((now) => ({ ...now, x: now.x + x, y: now.y + y }))
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const wheel = (event: WheelEvent): void => {
      event.preventDefault()
      const bounds = element.getBoundingClientRect()
      if (event.ctrlKey || event.metaKey)
        zoom(Math.exp(-event.deltaY * 0.01), event.clientX - bounds.left, event.clientY - bounds.top)
      else move(-event.deltaX, -event.deltaY)
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [])
  const drag = (event: PointerEvent): void => {
    if (event.button !== 0) return
    const start = { x: event.clientX, y: event.clientY }
    let last = start
    let moving = false
    const follow = (to: PointerEvent): void => {
      // a click is no drag
      if (!moving && Math.hypot(to.clientX - start.x, to.clientY - start.y) < 4) return
      moving = true
      move(to.clientX - last.x, to.clientY - last.y)
      last = { x: to.clientX, y: to.clientY }
    }
    const stop = (): void => {
      removeEventListener('pointermove', follow)
      removeEventListener('pointerup', stop)
    }
    addEventListener('pointermove', follow)
    addEventListener('pointerup', stop)
  }
  const key = (event: KeyboardEvent): void => {
    const by = 48
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => move(by, 0),
      ArrowRight: () => move(-by, 0),
      ArrowUp: () => move(0, by),
      ArrowDown: () => move(0, -by),
      '+': () => zoom(1.25),
      '=': () => zoom(1.25),
      '-': () => zoom(0.8),
      '0': fit,
    }
    const act = moves[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  return (
    <div class="viewport">
      <div
        class="canvas"
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={`${label}: arrow keys move, plus and minus zoom, 0 fits`}
        onPointerDown={drag}
        onKeyDown={key}
      >
        <svg width="100%" height="100%" aria-hidden="true">
          <defs>
            <marker
              id="tip"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto-start-reverse"
            >
              <path d="M0 0.500L8 4L0 7.500z" fill="context-stroke" />
            </marker>
          </defs>
          <g transform={`translate(${camera.x} ${camera.y}) scale(${camera.scale})`}>{children}</g>
        </svg>
      </div>
      <div class="zoom">
        <Zoom name="plus" label="Zoom in" act={() => zoom(1.25)} />
        <Zoom name="minus" label="Zoom out" act={() => zoom(0.8)} />
        <Zoom name="fit" label="Fit" act={fit} />
      </div>
    </div>
  )
}

function Zoom({
  name,
  label,
  act,
}: {
  readonly name: 'plus' | 'minus' | 'fit'
  readonly label: string
  readonly act: () => void
}): JSX.Element {
  return (
    <button type="button" class="button icon" aria-label={label} title={label} onClick={act}>
      <Icon name={name} size={14} />
    </button>
  )
}
