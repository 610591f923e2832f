// Starts the app: the address, the theme, the keys; then the frame.

import { render } from 'preact'
import { Frame } from './frame.tsx'
import { startKeys } from './state/keys.ts'
import { startRoute } from './state/route.ts'
import { startTheme } from './state/theme.ts'
import { startTick } from './state/tick.ts'

startRoute()
startTheme()
startKeys()
startTick()
const root = document.getElementById('app')
if (root !== null) {
  root.replaceChildren()
  render(<Frame />, root)
}
