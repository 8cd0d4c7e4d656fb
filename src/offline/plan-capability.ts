// Which capability a step needs, by its words, among those that a live agent has.
const CAPABILITIES = [
  'data_analysis',
  'web_scraping',
  'code_generation',
  'file_processing',
  'database_operations',
  'api_integration',
] as const;
type Capability = (typeof CAPABILITIES)[number];

// The first rule whose words occur wins; the capabilities are in order of preference.
const RULES: readonly [RegExp, readonly Capability[]][] = [
  // Whatever is done with what an address has, it must be asked for first; files can be written by all.
  [/(?=.*https?:\/\/).*\b(?:scrape|scraping|crawl|web ?page|website|html)\b/is, ['web_scraping', 'api_integration']],
  [/https?:\/\//i, ['api_integration', 'web_scraping']],
  [/\b(?:shared state|earlier results|embedding)\b/i, ['data_analysis']],
  [/\b(?:write|save|put|store)\b.*\bfile\b|\bcreate a (?:new |text )*file\b/is, ['file_processing', 'code_generation']],
  [
    /\bcreate\s+table\b|\binsert\s+into\b|\bupdate\s+\S+\s+set\b|\bdelete\s+from\b|\b(?:drop|alter|truncate)\s+table\b/i,
    ['database_operations'],
  ],
  [
    /\bselect\b.+\bfrom\b|\bselect\s+[\d'*]|\bsql\b|\b(?:tables|database|postgres\w*)\b/is,
    ['database_operations', 'data_analysis'],
  ],
  [/^(?:read|load|open)\b(?!.*\b(?:statistics?|mean|median|average|sum|analy\w+)\b)(?!.*:\/\/)/is, ['file_processing']],
  [/\b(?:report|summary)\b/i, ['code_generation', 'file_processing', 'data_analysis']],
  [
    /\b(?:statistics?|csv|mean|median|standard deviation|trends?|correlation)\b/i,
    ['data_analysis', 'database_operations'],
  ],
  [/\b(?:scrape|scraping|crawl|web ?page|website|html)\b/i, ['web_scraping', 'api_integration']],
  [/\b(?:api|apis|endpoint|webhook|fetch|download|http)\b/i, ['api_integration', 'web_scraping']],
  [/\b(?:parse|convert|rename|copy|list)\b.*\b(?:files?|folder|documents?)\b/is, ['file_processing']],
  [
    /\b(?:calculat\w*|compute|analy[sz]e|analysis|combine|compare|sum|average|factorial|fibonacci)\b/i,
    ['data_analysis', 'code_generation'],
  ],
  [
    /\b(?:code|function|script|program|implement|refactor|summari[sz]e|generate|draft|write)\b/i,
    ['code_generation', 'file_processing'],
  ],
  [/\bfiles?\b/i, ['file_processing']],
];

/** One capability that suits `text` and that at least one of the agents has (any, when no agents are named). */
export function chooseCapability(text: string, agents: readonly (readonly string[])[]): string {
  const wanted = RULES.find(([words]) => words.test(text))?.[1] ?? ['data_analysis'];
  const present = agents.flat();
  if (present.length === 0) return wanted[0] ?? 'data_analysis';
  return [...wanted, ...CAPABILITIES].find((each) => present.includes(each)) ?? present[0] ?? 'data_analysis';
}
