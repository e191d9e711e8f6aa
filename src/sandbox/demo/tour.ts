import type { TourStep } from '../web/protocol.ts';
import type { DemoTarget, DemoTargets } from './targets.ts';

const THIS_MACHINE_PORTS = '22,80,443,3306,5432,6379,8000';

const WORDS: Readonly<Record<DemoTarget['name'], { readonly title: string; readonly text: string }>> = {
  tidy: {
    title: 'A tidy web server',
    text: 'One port is open, and it only sends browsers on to HTTPS. See how little there is to say about it.',
  },
  careless: {
    title: 'A careless machine',
    text: 'An SSH server without updates, a database without a password, a development server. Each gets a finding, worst first, with what to do. Open the menu below the result.',
  },
  silent: {
    title: 'Behind a firewall',
    text: 'Most ports drop what they get and answer nothing: filtered. Compare what the bot says about open, closed and filtered.',
  },
};

/** The way through the bot that the page proposes: ask, allow, scan. */
export function tourOf({ targets, network }: Pick<DemoTargets, 'targets' | 'network'>): readonly TourStep[] {
  const scan = (host: string, ports: string) => ({ command: 'scan', options: { host, ports } });
  const allow: TourStep = {
    title: 'Allow a target',
    text: `Nothing can be scanned until a manager of the server allows it. ${network} holds three demo machines; they run in this process, and only this computer reaches them.`,
    typed: { command: 'targets add', options: { target: network, note: 'demo machines' } },
  };
  return [
    {
      title: 'Ask about a port',
      text: 'No scan yet: what is port 22, and what should you do about it? Put the command in the box and press Enter.',
      typed: { command: 'explain', options: { port: '22' } },
    },
    ...(targets.length > 0 ? [allow] : []),
    {
      title: 'Scan this machine',
      text: 'This computer is on the list from the start. What listens on it?',
      typed: scan('127.0.0.1', THIS_MACHINE_PORTS),
    },
    ...targets.map(({ name, host, ports }) => ({ ...WORDS[name], typed: scan(host, ports.join(',')) })),
  ];
}
