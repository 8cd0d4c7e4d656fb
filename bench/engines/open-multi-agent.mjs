// open-multi-agent runs in process, without durability. It is named here so that its absence is told rather than hidden.

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'open_multi_agent',
  title: 'open-multi-agent',
  package: '',
  settings: 'in process',
  durability: 'none: nothing is stored',
  missing: 'the npm registry has neither @open-multi-agent/core nor @jackchen_me/open-multi-agent (404)',
  open: async () => {
    throw new Error('open-multi-agent cannot be installed');
  },
};
