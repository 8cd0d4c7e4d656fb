// The six capabilities, and sets of them as bit masks so that matching compares whole sets in one operation.

export const CAPABILITIES = [
  'data_analysis',
  'web_scraping',
  'code_generation',
  'file_processing',
  'database_operations',
  'api_integration',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** The same set in the one way in which sets are stored: each word once, in the order of CAPABILITIES. */
export function inOrder(capabilities: readonly Capability[]): Capability[] {
  return CAPABILITIES.filter((capability) => capabilities.includes(capability));
}

/** Bit i stands for CAPABILITIES[i]. */
export type CapabilityMask = number;

export function isCapability(word: string): word is Capability {
  return (CAPABILITIES as readonly string[]).includes(word);
}

export function maskOf(capabilities: readonly Capability[]): CapabilityMask {
  return capabilities.reduce((mask, capability) => mask | (1 << CAPABILITIES.indexOf(capability)), 0);
}

/** True when every capability of `needed` is among `offered`. */
export function covers(offered: CapabilityMask, needed: CapabilityMask): boolean {
  return (offered & needed) === needed;
}

export function countOf(mask: CapabilityMask): number {
  return CAPABILITIES.filter((_, bit) => mask & (1 << bit)).length;
}
