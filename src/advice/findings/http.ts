import { say } from '../../engine/phrase.ts';
import type { DevelopmentServer } from '../../probes/httpDevelopment.ts';
import { type FindingKind, type Rule, ruleFor } from './finding.ts';
import { some } from './text.ts';

const NO_REDIRECT: FindingKind = {
  id: 'http-no-redirect',
  severity: 'medium',
  title: 'HTTP without redirect to HTTPS',
  why: 'Whatever people type or read here can be read and changed on the way.',
  actions: [
    'Redirect every plain request to HTTPS with status 301 or 308.',
    'Close the port if nobody needs plain HTTP.',
  ],
  source: 'MOZ-TLS',
};

const NO_HSTS: FindingKind = {
  id: 'http-no-hsts',
  severity: 'low',
  title: 'HTTPS without HSTS',
  why: 'Browsers still try plain HTTP first, and somebody on the path can keep them there.',
  actions: [
    'Send `Strict-Transport-Security: max-age=31536000` on every HTTPS answer.',
    'Start with a short time if parts of the site are not ready for HTTPS.',
  ],
  source: 'RFC6797',
};

const DIRECTORY_LISTING: FindingKind = {
  id: 'http-directory-listing',
  severity: 'medium',
  title: 'Directory listing',
  why: 'Strangers see every file in the folder: backups, dumps and keys are found this way.',
  actions: [
    'Turn listings off (nginx: `autoindex off`, Apache: `Options -Indexes`).',
    'Look through the folder for what must not be public, and rotate secrets that were there.',
  ],
  source: 'CWE-548',
};

const DEVELOPMENT: FindingKind = {
  id: 'http-development-server',
  severity: 'high',
  title: 'A development server is reachable',
  why: 'It is made for the machine of one developer: it gives out source code, and often a console that runs any command.',
  actions: [
    'Stop it, or bind it to 127.0.0.1 and reach it through an SSH tunnel.',
    'Serve the finished build with a production server, debug mode off.',
    'Rotate secrets that were in its files or environment.',
  ],
  source: 'VITE',
};

const CLEAR_BASIC: FindingKind = {
  id: 'http-basic-in-the-clear',
  severity: 'high',
  title: 'A password is asked for over plain HTTP',
  why: 'Basic authentication sends the password with every request, readable for everyone on the path.',
  actions: ['Serve this over HTTPS only, and close the plain port.', 'Change the passwords that were used here.'],
  source: 'RFC7617',
};

const INSECURE_COOKIES: FindingKind = {
  id: 'http-cookies-not-secure',
  severity: 'low',
  title: 'Cookies without the Secure attribute',
  why: 'Browsers send them over plain HTTP too, where a session can be stolen.',
  actions: ['Set `Secure` and `HttpOnly` on session cookies.', 'Set `SameSite=Lax` unless other sites embed yours.'],
  source: 'RFC6265',
};

const NAMES: Readonly<Record<DevelopmentServer, string>> = {
  vite: 'Vite',
  'webpack-dev-server': 'webpack-dev-server',
  'next-dev': 'Next.js',
  'django-debug': 'Django in debug mode',
  werkzeug: 'Werkzeug (Flask)',
  'rails-dev': 'Rails in development mode',
  'php-built-in': 'PHP built-in server',
  jupyter: 'Jupyter',
  'python-http-server': 'Python http.server',
};

/** Half a year, in seconds: the least that Mozilla's guideline takes for HSTS. */
const LEAST_HSTS_SECONDS = 15_768_000;

export const HTTP_KINDS = [NO_REDIRECT, NO_HSTS, DIRECTORY_LISTING, DEVELOPMENT, CLEAR_BASIC, INSECURE_COOKIES];

export const HTTP_RULES: readonly Rule[] = [
  ruleFor('http', ({ tls, status, redirect, developmentServer }) => {
    // An error page is no site, and a development server has worse to be told.
    if (tls || status >= 400 || developmentServer !== undefined) return undefined;
    if (redirect === 'https-same-host' || redirect === 'other-host') return undefined;
    return {
      kind: NO_REDIRECT,
      seen:
        redirect === 'same-host'
          ? say`Plain HTTP answered with status ${status} and a redirect that stays on HTTP.`
          : say`Plain HTTP answered with status ${status}.`,
    };
  }),
  ruleFor('http', ({ tls, status, redirect, securityHeaders, hstsMaxAgeSeconds }) => {
    if (!tls || status >= 400 || redirect === 'other-host') return undefined;
    if (!securityHeaders.includes('strict-transport-security')) {
      return { kind: NO_HSTS, seen: say`No Strict-Transport-Security in the answer.` };
    }
    if (hstsMaxAgeSeconds === undefined || hstsMaxAgeSeconds >= LEAST_HSTS_SECONDS) return undefined;
    return {
      kind: NO_HSTS,
      title: say`HSTS lasts less than half a year`,
      seen: say`Strict-Transport-Security with max-age=${hstsMaxAgeSeconds}.`,
    };
  }),
  ruleFor('http', ({ directoryListing, title }) =>
    directoryListing ? { kind: DIRECTORY_LISTING, seen: say`The page is titled "${title ?? ''}".` } : undefined,
  ),
  ruleFor('http', ({ developmentServer }) => {
    if (developmentServer === undefined) return undefined;
    const name = NAMES[developmentServer];
    return {
      kind: DEVELOPMENT,
      title: say`Development server reachable: ${name}`,
      seen: say`Its pages or headers are those of ${name}.`,
    };
  }),
  ruleFor('http', ({ tls, authSchemes }) =>
    !tls && authSchemes.includes('basic')
      ? { kind: CLEAR_BASIC, seen: say`WWW-Authenticate: Basic, without TLS.` }
      : undefined,
  ),
  ruleFor('http', ({ tls, cookies }) => {
    const bare = cookies.filter(({ secure }) => !secure).map(({ name }) => name);
    return tls && bare.length > 0 ? { kind: INSECURE_COOKIES, seen: say`Without Secure: ${some(bare)}.` } : undefined;
  }),
];
