// The actions of a client: the executor does it.

import type { ClientCommand } from '../clients/command.ts'
import type { ActionHands } from './face.ts'

export function farActions(
  tell: (command: ClientCommand & { readonly do: 'action' }) => Promise<unknown>,
): ActionHands {
  const ask =
    (act: 'undo' | 'dismiss') =>
    async (id: string, why: string | undefined): Promise<void> =>
      void (await tell({ do: 'action', run: id, act, ...(why === undefined ? {} : { reason: why }) }))
  return {
    act: async (id) => void (await tell({ do: 'action', run: id, act: 'act' })),
    undo: ask('undo'),
    dismiss: ask('dismiss'),
  }
}
