import { readVersion } from './version.ts';

/** The system that a banner names. */
export interface SystemName {
  readonly name: string;
  readonly version?: string;
}

/** Literals that name a system, the specific before the general; `numbered`: its release stands right behind. */
const SYSTEMS: readonly { readonly literal: string; readonly name: string; readonly numbered?: true }[] = [
  { literal: 'ubuntu0.', name: 'Ubuntu', numbered: true },
  { literal: 'ubuntu1.', name: 'Ubuntu', numbered: true },
  { literal: '+deb', name: 'Debian', numbered: true },
  { literal: '~deb', name: 'Debian', numbered: true },
  { literal: 'raspbian', name: 'Raspberry Pi OS' },
  { literal: '.el', name: 'Red Hat Enterprise Linux or a rebuild', numbered: true },
  { literal: 'ubuntu', name: 'Ubuntu' },
  { literal: 'debian', name: 'Debian' },
  { literal: 'red hat', name: 'Red Hat Enterprise Linux' },
  { literal: 'centos', name: 'CentOS' },
  { literal: 'almalinux', name: 'AlmaLinux' },
  { literal: 'rocky linux', name: 'Rocky Linux' },
  { literal: 'fedora', name: 'Fedora' },
  { literal: 'oracle linux', name: 'Oracle Linux' },
  { literal: 'amazon linux', name: 'Amazon Linux' },
  { literal: 'suse', name: 'SUSE' },
  { literal: 'alpine', name: 'Alpine Linux' },
  { literal: 'freebsd', name: 'FreeBSD' },
  { literal: 'netbsd', name: 'NetBSD' },
  { literal: 'openbsd', name: 'OpenBSD' },
  { literal: 'for_windows', name: 'Windows' },
  { literal: '(win64', name: 'Windows' },
  { literal: '(win32', name: 'Windows' },
  { literal: 'microsoft-iis', name: 'Windows' },
  { literal: 'microsoft esmtp', name: 'Windows' },
];

/** Distributions that fix old versions without changing their number. */
const BACKPORTING: ReadonlySet<string> = new Set([
  'Debian',
  'Ubuntu',
  'Raspberry Pi OS',
  'Red Hat Enterprise Linux or a rebuild',
  'Red Hat Enterprise Linux',
  'CentOS',
  'AlmaLinux',
  'Rocky Linux',
  'Oracle Linux',
  'Amazon Linux',
  'SUSE',
]);

/** True where the version alone proves nothing: this system patches old versions. */
export function patchesOldVersions(system: SystemName | undefined): boolean {
  return system !== undefined && BACKPORTING.has(system.name);
}

/**
 * The system that a banner names, as in `Debian-2+deb12u3`, `8.0.36-0ubuntu0.22.04.1`, `(CentOS)`. `lower` is lower-case
 * ASCII. Undefined where it names none.
 */
export function readSystem(lower: string): SystemName | undefined {
  for (const { literal, name, numbered } of SYSTEMS) {
    const at = lower.indexOf(literal);
    if (at < 0) continue;
    const version = numbered ? readRelease(lower, at + literal.length, name) : undefined;
    if (version !== undefined) return { name, version };
    if (!numbered) return { name };
  }
  return undefined;
}

function readRelease(lower: string, from: number, name: string): string | undefined {
  const raw = readVersion(lower, from)?.replaceAll(/[a-z].*$/g, '');
  if (raw === undefined || raw === '') return undefined;
  if (name !== 'Ubuntu') return raw.split(/[._]/)[0];
  const [year, month] = raw.split('.');
  return year?.length === 2 && month?.length === 2 ? `${year}.${month}` : undefined;
}

/** Ubuntu's long-term releases by the OpenSSH that they carry; their banners do not name the release. */
const UBUNTU_BY_OPENSSH: ReadonlyMap<string, string> = new Map([
  ['6.6.1p1', '14.04'],
  ['7.2p2', '16.04'],
  ['7.6p1', '18.04'],
  ['8.2p1', '20.04'],
  ['8.9p1', '22.04'],
  ['9.6p1', '24.04'],
]);

/** Debian's releases by the OpenSSH that they carry, for banners without `+debNN`. */
const DEBIAN_BY_OPENSSH: ReadonlyMap<string, string> = new Map([
  ['6.0p1', '7'],
  ['6.7p1', '8'],
  ['7.4p1', '9'],
  ['7.9p1', '10'],
  ['8.4p1', '11'],
  ['9.2p1', '12'],
  ['10.0p2', '13'],
]);

/** Completes the system of an OpenSSH banner by the version of OpenSSH, where that is unambiguous. */
export function completeByOpenSsh(system: SystemName, openSsh: string): SystemName {
  if (system.version !== undefined) return system;
  const releases = { Ubuntu: UBUNTU_BY_OPENSSH, Debian: DEBIAN_BY_OPENSSH }[system.name];
  const version = releases?.get(openSsh);
  return version === undefined ? system : { ...system, version };
}
