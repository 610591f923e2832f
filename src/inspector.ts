// catenary/inspector: looks into a supervisor or a store from a browser, on this machine and with a token alone.

export { createInspector, type Inspector } from './inspector/create-inspector.ts'
export type { InspectorOptions } from './inspector/inspector-options.ts'
export type { ListenOptions, Listening } from './inspector/listen.ts'
export { toNodeHandler } from './inspector/node-handler.ts'
export type { Caps, Place, RedactOptions } from './inspector/redact.ts'
export type { StoreSource } from './inspector/source.ts'
