// Speaks to a server byte by byte, as no browser and no client library would.

import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends the text as it is and reads until the server closes, or `enough` says so. Status 0: closed without a word. */
export async function send(
  port: number,
  text: string,
  enough: (answer: Answer) => boolean = ({ headers, body }) =>
    headers['content-length'] !== undefined && Buffer.byteLength(body) >= Number(headers['content-length']),
): Promise<Answer> {
  const socket = await open(port)
  socket.write(text)
  return answerOn(socket, enough)
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return socket
}

export async function answerOn(socket: Socket, enough: (answer: Answer) => boolean): Promise<Answer> {
  let heard = ''
  try {
    return await new Promise<Answer>((resolve) => {
      socket.setEncoding('utf8')
      socket.on('error', () => {})
      socket.on('close', () => resolve(read(heard)))
      socket.on('data', (chunk: string) => {
        heard += chunk
        if (heard.includes('\r\n\r\n') && enough(read(heard))) resolve(read(heard))
      })
    })
  } finally {
    socket.destroy()
  }
}

function read(heard: string): Answer {
  const [head = '', ...rest] = heard.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') }
}

export interface Asked {
  readonly method?: string
  readonly path?: string
  /** In place of those that a friend sends; `null` leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly body?: string
}

/** The text of a request that a friend sends, and what is otherwise in it. */
export function request(
  port: number,
  token: string,
  { method = 'GET', path = '/api/hello', headers = {}, body }: Asked = {},
): string {
  const all = {
    Host: `127.0.0.1:${port}`,
    Authorization: `Bearer ${token}`,
    ...(body === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}
