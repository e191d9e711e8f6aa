import { createHash } from 'node:crypto';
import type { OpenLink, OwnershipVisits } from '../policy/ownershipVisit.ts';
import type { HttpReply, HttpRequest, Route } from './server.ts';

const PATH = /^\/verify\/([\w-]{1,64})$/;
const STYLE =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const PAGE_HEADERS = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
} as const;

/**
 * `/verify/<code>`: the page behind a link that proves an address by a visit from it. GET shows one button and changes
 * nothing, so link previews do no harm; POST proves. A code holds 192 random bits, so guessing needs no counting.
 *
 * A page elsewhere could send a visitor's browser here to prove an address that its owner does not want scanned. So a
 * POST that a browser sends counts only when it comes from this page itself, which no other site may frame. Without a
 * browser (`curl -X POST`) there is nobody to deceive. What comes with a body is neither: services that can be told to
 * post to any URL (webhooks) would prove the addresses that they post from.
 *
 * @param publicUrl as people open it, without trailing slash
 */
export function verifyRoutes({ visits, publicUrl }: { visits: OwnershipVisits; publicUrl: string }): readonly Route[] {
  const { origin } = new URL(publicUrl);

  async function show({ visitor }: HttpRequest, [code = '']: readonly string[]): Promise<HttpReply> {
    const link = await visits.find(code);
    if (!link) return noLink();
    return link.address === visitor ? question(link) : otherAddress(200, link.address, visitor);
  }

  async function prove({ headers, visitor, body }: HttpRequest, [code = '']: readonly string[]): Promise<HttpReply> {
    if (body !== '')
      return page(400, 'Not from here', 'The button sends nothing but the link, and curl must not either.');
    const isOwnPage = headers.origin === undefined || headers.origin === origin;
    const site = headers['sec-fetch-site'];
    if (!isOwnPage || (site !== undefined && site !== 'same-origin')) {
      const hint = `If you pressed the button on this page itself, the operator's PUBLIC_URL is not where this page is.`;
      return page(
        403,
        'Not from here',
        'Another site sent you here. Open the link itself, then press its button.',
        hint,
      );
    }
    const visit = await visits.prove(code, visitor ?? '');
    if (visit.outcome === 'no-link') return noLink();
    if (visit.outcome === 'other-address') return otherAddress(403, visit.address, visitor);
    return page(200, 'Verified', `${visit.address} is verified. You can close this page and go back to Discord.`);
  }

  return [
    { method: 'GET', path: PATH, handle: show },
    { method: 'POST', path: PATH, handle: prove },
  ];
}

function question({ guildId, address }: OpenLink): HttpReply {
  const text = `The Discord server with the id ${guildId} asks to scan the ports of ${address}, which is where you are now.`;
  const advice = 'Press the button only if you run this host and expected the question. Otherwise close this page.';
  return page(200, `Verify ${address}`, text, advice, BUTTON);
}

function otherAddress(status: number, address: string, visitor: string | undefined): HttpReply {
  const text = `This link proves ${address}, and works only when it is opened from there.`;
  const where =
    visitor === undefined
      ? 'Your address could not be told: a proxy before this server does not report it (X-Forwarded-For).'
      : `You come from ${visitor}.`;
  const hint = 'On a server without a browser, run: curl -X POST, and this link.';
  return page(status, 'Open it from the address', text, where, hint);
}

function noLink(): HttpReply {
  const text =
    'There is no such link, it was used already, or it has expired. /targets verify in Discord makes a new one.';
  return page(404, 'This link cannot be used', text);
}

interface Html {
  readonly html: string;
}

const BUTTON: Html = { html: '<form method="post"><button>Yes, this server may scan it</button></form>' };

/** @param parts paragraphs of plain text, or HTML of ours */
function page(status: number, title: string, ...parts: readonly (string | Html)[]): HttpReply {
  const paragraphs = parts.map((part) => (typeof part === 'string' ? `<p>${escapeHtml(part)}</p>` : part.html));
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${STYLE}</style>`;
  const body = `<!doctype html><html lang="en"><head>${head}</head><body><h1>${escapeHtml(title)}</h1>${paragraphs.join('')}</body></html>\n`;
  return { status, body, contentType: 'text/html; charset=utf-8', headers: PAGE_HEADERS };
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES.get(char) ?? '');
}
