// The campaigns of kills by name: what each kills, how large its jobs are, and which share of all kills falls on it.

import type { Chance } from './aim.ts'
import type { Campaign } from './campaign.ts'
import { docsSearchCampaign, type Reference } from './docs-search.ts'
import { mixedCampaign } from './mixed.ts'
import { transactCampaign } from './transact.ts'

export type CampaignName = 'docs-search' | 'mixed' | 'transact'

/** What a campaign is made of, beside chance. */
export interface Given {
  /** Of docs-search: what undisturbed runs make. */
  readonly references: readonly Reference[]
}

/** Shares of all kills: by how much there is to hit. */
export const shares: Readonly<Record<CampaignName, number>> = {
  'docs-search': 0.25,
  mixed: 0.5,
  transact: 0.25,
}

const orders = 100
const payments = 60

export function campaignOf(name: CampaignName, { references }: Given, chance: Chance): Campaign {
  switch (name) {
    case 'docs-search':
      return docsSearchCampaign(references, chance)
    case 'mixed':
      return mixedCampaign(orders, chance)
    case 'transact':
      return transactCampaign(payments, chance)
  }
}
