// Every guest under test.

import { checkout } from './checkout.ts'
import { classifier } from './classifier.ts'
import { deploy } from './deploy.ts'
import { downloads } from './downloads.ts'
import type { Guest } from './guest.ts'
import { order } from './order.ts'
import { player } from './player.ts'
import { session } from './session.ts'
import { wizard } from './wizard.ts'

export const guests: readonly Guest[] = [
  order,
  player,
  checkout,
  wizard,
  downloads,
  session,
  classifier,
  deploy,
]
