// Takes a command back out of a store's inbox, where no executor can have it in hand.

import type { ClientReply } from '../engine/clients/command.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { openExisting } from './client.ts'
import { isHeld } from './executor-of.ts'
import { storeFailure } from './failure.ts'
import { storePath } from './store-path.ts'

/**
 * Never call it in the process that executes the store: looking at the lock there would drop it. Refused where the
 * executor that is there has not laid the command aside.
 *
 * @returns the body of the command.
 */
export function dropEntry(file: string, id: number): string {
  const path = storePath(file)
  const database = openExisting(path, false, {})
  try {
    // an executor that opens the store from now on writes first of all, so it cannot have read the inbox before us
    database.exec('BEGIN IMMEDIATE')
    const body = database.prepare('SELECT body FROM inbox WHERE id = ?').get(id)?.['body']
    const reply = database.prepare('SELECT body FROM replies WHERE id = ?').get(id)?.['body']
    if (body === undefined) {
      const done = reply === undefined ? '' : ', but it was answered already'
      throw new CatenaryError('BAD_OPTION', `there is no entry ${id} in the inbox${done}: list what there is`)
    }
    if (reply === undefined && isHeld(`${path}.lock`)) {
      const message = `entry ${id} is not laid aside: the executor is about to carry it out, or does not answer; stop it first`
      throw new CatenaryError('EXECUTOR_ONLY', message)
    }
    const answer: ClientReply = {
      ok: false,
      code: 'COMMAND_DROPPED',
      message: `the command was taken back out of the inbox (entry ${id}) before it was carried out`,
    }
    database.prepare('DELETE FROM inbox WHERE id = ?').run(id)
    database
      .prepare('INSERT INTO replies (id, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body')
      .run(id, JSON.stringify(answer))
    database.exec('COMMIT')
    return String(body)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw storeFailure(error, path)
  } finally {
    database.close()
  }
}
