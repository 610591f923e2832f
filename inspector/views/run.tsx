// One run.

import type { JSX } from 'preact'
import { Empty } from '../parts/blank.tsx'

export function Run({ id }: { readonly id: string }): JSX.Element {
  return (
    <div class="content">
      <section class="card" aria-label={id}>
        <Empty icon="runs" title="No run yet" />
      </section>
    </div>
  )
}
