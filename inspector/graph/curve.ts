// A line through points that bends softly at each.

import type { Point } from './layered.ts'

/** The path of an edge; `right` where rows run from left to right. */
export function curve(points: readonly Point[], right = false): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${round(first.x)} ${round(first.y)}`
  let before = first
  for (const point of rest) {
    const bend = right ? (point.x - before.x) / 2 : (point.y - before.y) / 2
    path += right
      ? `C${round(before.x + bend)} ${round(before.y)} ${round(point.x - bend)} ${round(point.y)} ${round(point.x)} ${round(point.y)}`
      : `C${round(before.x)} ${round(before.y + bend)} ${round(point.x)} ${round(point.y - bend)} ${round(point.x)} ${round(point.y)}`
    before = point
  }
  return path
}

const round = (value: number): number => Math.round(value * 10) / 10
