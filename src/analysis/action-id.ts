// The name of an action: the same for the same kind and place, in whatever process it is asked for.

import { hash } from '../kernel/codec.ts'
import type { ActionKind, NecessaryAction } from './report-built.ts'

export function actionId(kind: ActionKind, { chain, step, run }: NecessaryAction['place']): string {
  return hash(JSON.stringify([kind, chain, step ?? '', run ?? ''])).slice(0, 12)
}
