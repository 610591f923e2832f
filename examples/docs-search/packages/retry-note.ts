// Remembers that a package had to be read again, in a file, because an attempt does not know why the last one failed.

import { readFile } from 'node:fs/promises'
import type { Recovery } from '../recovery.ts'
import { hashOf, type Workspace, writeWhole } from '../workspace.ts'

const fileOf = (workspace: Workspace, path: string): string => workspace.at('retries', `${hashOf(path)}.txt`)

/** The attempt's number would not do: it also counts attempts that were lost with their process. */
export async function noteRetry(workspace: Workspace, path: string, reason: string): Promise<void> {
  await writeWhole(fileOf(workspace, path), reason)
}

/** What an earlier attempt noted, as a recovery. */
export async function retriesOf(workspace: Workspace, path: string): Promise<readonly Recovery[]> {
  const reason = await readFile(fileOf(workspace, path), 'utf8').catch(() => undefined)
  return reason === undefined
    ? []
    : [{ package: path, reason, action: 'retry', outcome: 'read the next time' }]
}
