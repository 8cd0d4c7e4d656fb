// Keys of three users and an operator, for suites about who may do what: who has which, and the settings that let them in.

export const KEYS = { operator: 'o'.repeat(40), ada: 'a'.repeat(40), adaReads: 'r'.repeat(40), bob: 'b'.repeat(40) };

export const ACCESS = {
  host: '0.0.0.0',
  rateLimit: null,
  apiKeys: [
    { role: 'operate', user_id: 'admin', key: KEYS.operator },
    { role: 'submit', user_id: 'ada', key: KEYS.ada },
    { role: 'read', user_id: 'ada', key: KEYS.adaReads },
    { role: 'submit', user_id: 'bob', key: KEYS.bob },
  ],
} as const;
