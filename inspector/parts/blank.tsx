// What stands where there is nothing yet, nothing at all, or something went wrong.

import type { ComponentChildren, JSX } from 'preact'
import type { Resource } from '../state/resource.ts'
import { Icon, type IconName } from './icon.tsx'

export function Skeleton({ lines = 5 }: { readonly lines?: number }): JSX.Element {
  return (
    <div class="skeleton" role="status">
      <span class="hidden">Loading</span>
      {Array.from({ length: lines }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  )
}

export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName
  readonly title: string
  readonly children?: ComponentChildren
}): JSX.Element {
  return (
    <div class="empty">
      <Icon name={icon} size={24} />
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
    </div>
  )
}

export function Problem({
  error,
  retry,
}: {
  readonly error: Error
  readonly retry: () => void
}): JSX.Element {
  return (
    <div class="notice tone-bad" role="alert">
      <Icon name="bad" />
      <div class="grow">
        <strong>This could not be read.</strong>
        <div class="wrap">{error.message}</div>
      </div>
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    </div>
  )
}

/** Shows what was answered last; a skeleton before, and what went wrong above it. */
export function Loaded<T>({
  of,
  lines = 5,
  children,
}: {
  readonly of: Resource<T>
  readonly lines?: number
  readonly children: (value: T) => ComponentChildren
}): JSX.Element {
  const { value, error, reload } = of
  return (
    <>
      {error !== undefined && <Problem error={error} retry={reload} />}
      {value !== undefined ? children(value) : error === undefined && <Skeleton lines={lines} />}
    </>
  )
}
