import { SOURCES, type Source } from '../sources.ts';

/** What only findings cite. */
const FINDINGS_ONLY = {
  RFC6265: { title: 'RFC 6265, HTTP State Management (cookies)', url: 'https://www.rfc-editor.org/rfc/rfc6265' },
  RFC7617: { title: 'RFC 7617, HTTP Basic authentication', url: 'https://www.rfc-editor.org/rfc/rfc7617' },
  RFC9142: { title: 'RFC 9142, Key Exchange Methods for SSH', url: 'https://www.rfc-editor.org/rfc/rfc9142' },
  TERRAPIN: { title: 'Terrapin Attack (CVE-2023-48795)', url: 'https://terrapin-attack.com/' },
  VITE: { title: 'Vite, Server options', url: 'https://vite.dev/config/server-options' },
  'CWE-548': {
    title: 'CWE-548, Exposure of Information Through Directory Listing',
    url: 'https://cwe.mitre.org/data/definitions/548.html',
  },
  EOL: { title: 'endoflife.date', url: 'https://endoflife.date/' },
} as const satisfies Record<string, Source>;

/** Every source that a finding may cite, by key. */
export const FINDING_SOURCES = { ...SOURCES, ...FINDINGS_ONLY } as const;

export type FindingSourceKey = keyof typeof FINDING_SOURCES;
