// So many connections and no more: whoever has asked for nothing yet makes room for who comes next.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Without it, those who only open connections would keep everybody else out for as long as a head may take.
 *
 * @returns all that are open
 */
export function limitSockets(server: Server, most: number): ReadonlySet<Socket> {
  const open = new Set<Socket>()
  /** Those that wait for a request, the longest first; one that is being answered is not among them. */
  const silent = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) {
      const [longest] = silent
      ;(longest ?? socket).destroy()
      if (longest === undefined) return
      open.delete(longest)
      silent.delete(longest)
    }
    open.add(socket)
    silent.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      silent.delete(socket)
    })
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    silent.delete(socket)
    response.once('close', () => {
      if (open.has(socket)) silent.add(socket)
    })
  })
  return open
}
