// Keeps what authors and callers wrote from steering the terminal: control characters are shown, as JSON writes them.

/** All that moves a cursor, rings, or turns the direction of writing; but for the tab. */
const steering = /[^\P{Cc}\t]|[\u202A-\u202E\u2066-\u2069]/gu
const colourOrSteering = new RegExp(String.raw`\u001B\[[\d;]*m|${steering.source}`, 'gu')

const shown = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`

/** A text of somebody else's, on one line. */
export function printable(text: string): string {
  return text.replace(steering, shown)
}

/** Text that is ready to be written: its lines stay, and colours where they are ours. */
export function printableLines(text: string, colours: boolean): string {
  return text.replace(colours ? colourOrSteering : steering, (found) =>
    found === '\n' || found.length > 1 ? found : shown(found),
  )
}
