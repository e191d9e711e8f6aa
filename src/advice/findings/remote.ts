import { say } from '../../engine/phrase.ts';
import { type FindingKind, type Rule, ruleFor } from './finding.ts';

const TELNET: FindingKind = {
  id: 'telnet',
  severity: 'critical',
  title: 'Telnet is on',
  why: 'Names, passwords and everything typed travel in the clear, and botnets try the default logins all day.',
  actions: [
    'Turn Telnet off and use SSH.',
    'Put equipment that knows nothing else on a management network.',
    'Change the passwords that were used here.',
  ],
  source: 'NSA-NISG',
};

const VNC_PASSWORD: FindingKind = {
  id: 'vnc-weak-password-method',
  severity: 'high',
  title: 'VNC with the old password method only',
  why: 'It uses at most eight characters of the password, and neither screen nor keys are encrypted.',
  actions: ['Bind VNC to 127.0.0.1 and use an SSH tunnel or a VPN.', 'Require VeNCrypt with TLS on the server.'],
  source: 'RFC6143',
};

const OPEN_RESOLVER: FindingKind = {
  id: 'dns-open-resolver',
  severity: 'high',
  title: 'An open DNS resolver',
  why: 'It resolves any name for anyone: strangers use it to multiply attacks on others, and to probe its cache.',
  actions: [
    'Allow recursion for your own networks only (BIND: `allow-recursion`).',
    'Drop port 53 from outside if only your own machines ask it.',
  ],
  source: 'RFC5358',
};

const VNC_AUTHENTICATION = 2;

export const REMOTE_KINDS = [TELNET, VNC_PASSWORD, OPEN_RESOLVER];

export const REMOTE_RULES: readonly Rule[] = [
  ruleFor('telnet', ({ asksForLogin, tls }) =>
    tls
      ? undefined
      : {
          kind: TELNET,
          seen: asksForLogin ? say`It asks for a login in the clear.` : say`It speaks the Telnet protocol.`,
        },
  ),
  // Inside, resolving for others is what a resolver is for.
  ruleFor('dns', ({ recursionOffered }, { context }) =>
    recursionOffered && context.addressTier === 'global'
      ? { kind: OPEN_RESOLVER, seen: say`It offers recursion to strangers.` }
      : undefined,
  ),
  ruleFor('vnc', ({ securityTypes, tls, openToStrangers }) =>
    !tls &&
    openToStrangers !== true &&
    securityTypes.length > 0 &&
    securityTypes.every((type) => type === VNC_AUTHENTICATION)
      ? { kind: VNC_PASSWORD, seen: say`The only security type is 2 (VNC authentication).` }
      : undefined,
  ),
];
