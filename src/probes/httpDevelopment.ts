import { type HttpAnswer, headerOf } from './httpGet.ts';

/** Servers that are made for a developer's own machine, and say so. */
export const DEVELOPMENT_SERVERS = [
  'vite',
  'webpack-dev-server',
  'next-dev',
  'django-debug',
  'werkzeug',
  'rails-dev',
  'php-built-in',
  'jupyter',
  'python-http-server',
] as const;

export type DevelopmentServer = (typeof DEVELOPMENT_SERVERS)[number];

interface Page {
  readonly body: string;
  readonly title: string;
  /** What we asked for by Host. */
  readonly host: string;
  /** Of the answer, empty when it is not there. */
  readonly header: (name: string) => string;
}

const includesAny = (text: string, ...signs: readonly string[]) => signs.some((sign) => text.includes(sign));

/** By what each puts into its pages or headers by itself; the first that holds counts. */
const SIGNS: readonly (readonly [DevelopmentServer, (page: Page) => boolean])[] = [
  ['vite', ({ body }) => includesAny(body, '/@vite/client', '/@react-refresh')],
  ['next-dev', ({ body }) => isNextDev(body)],
  [
    'webpack-dev-server',
    ({ body }) => includesAny(body, 'webpack-dev-server', 'webpackHotUpdate', '/static/js/bundle.js"'),
  ],
  ['django-debug', ({ body, header }) => isDjangoDebug(body) || /^WSGIServer\/\S+ CPython\//.test(header('server'))],
  ['werkzeug', ({ body, header }) => header('server').startsWith('Werkzeug/') || includesAny(body, '__debugger__')],
  ['rails-dev', (page) => isRailsDev(page)],
  ['php-built-in', (page) => isPhpBuiltIn(page)],
  ['jupyter', (page) => isJupyter(page)],
  ['python-http-server', ({ header }) => header('server').startsWith('SimpleHTTP/')],
];

function isNextDev(body: string): boolean {
  return includesAny(
    body,
    '/_next/static/development/',
    '/_next/static/chunks/webpack.js?v=',
    '"buildId":"development"',
    '[turbopack]_browser_dev',
  );
}

/** Its yellow pages, and the one that says that the installation worked. */
function isDjangoDebug(body: string): boolean {
  return body.includes('DEBUG = True') || (body.includes('DEBUG=True') && /django/i.test(body));
}

function isRailsDev({ body, title, header }: Page): boolean {
  if (header('x-web-console-session-id') !== '') return true;
  return (
    title === 'Action Controller: Exception caught' ||
    (title.startsWith('Ruby on Rails') && body.includes('Rails version'))
  );
}

/** It sends our Host back as a header of its own, and names no server. */
function isPhpBuiltIn({ body, host, header }: Page): boolean {
  if (header('server') !== '' || header('host') !== host) return false;
  return header('x-powered-by').startsWith('PHP/') || body.includes('<code class="url">');
}

function isJupyter({ body, title, header }: Page): boolean {
  if (body.includes('data-jupyter-') || /^Jupyter|^Home Page - Select or create a notebook/.test(title)) return true;
  return (
    header('server').startsWith('TornadoServer/') &&
    /^\/(?:tree|lab|login\?next=%2F(?:tree|lab)?)/.test(header('location'))
  );
}

/** Which development server this answer is from, if it shows. `host` is what was asked for by Host. */
export function developmentServerOf(
  answer: HttpAnswer,
  body: string,
  title: string,
  host: string,
): DevelopmentServer | undefined {
  const header = (name: string) => headerOf(answer, name) ?? '';
  return SIGNS.find(([, matches]) => matches({ body, title, host, header }))?.[0];
}
