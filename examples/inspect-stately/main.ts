// Runs a chain under Stately's inspector: `npx node examples/inspect-stately/main.ts ws://127.0.0.1:8080`.

import { greet } from './greet.ts'

console.log(await greet(process.argv[2] ?? 'ws://127.0.0.1:8080', 'you'))
