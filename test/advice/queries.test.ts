import { describe, expect, test } from 'vitest';
import { ianaService } from '../../src/advice/iana.ts';
import { describePort, findPorts, resolveQuery } from '../../src/advice/lookup.ts';

describe('what people type', () => {
  test.each([
    ['ssh', 22],
    ['SSH', 22],
    ['postgres', 5432],
    ['pg', 5432],
    ['mysql', 3306],
    ['maria', 3306],
    ['k8s', 6443],
    ['kubelet', 10_250],
    ['rdp', 3389],
    ['remote desktop', 3389],
    ['remote desk', 3389],
    ['smb', 445],
    ['dns', 53],
    ['es', 9200],
    ['elastic', 9200],
    ['mongo', 27_017],
    ['3306', 3306],
    ['330', 330],
    ['vnc', 5900],
    ['docker', 2375],
    ['winbox', 8291],
    ['snmp', 161],
    ['ntp', 123],
    ['ipmi', 623],
    ['sip', 5060],
    ['mqtt', 1883],
    ['amqp', 5672],
    ['nfs', 2049],
    ['node_exporter', 9100],
    ['Node Exporter', 9100],
    ['53/udp', 53],
    ['53/u', 53],
    ['53/', 53],
    ['tcp 53', 53],
    ['udp/53', 53],
    ['dns udp', 53],
    ['udp', 53],
    ['tcp', 22],
    ['netbios udp', 137],
    ['netbios tcp', 139],
  ])('%j offers %i first', (text, port) => {
    expect(findPorts(text, 25)[0]?.port).toBe(port);
  });

  test('the beginning of a number finds the service', () => {
    expect(findPorts('330', 25).map(({ port }) => port)).toContain(3306);
  });

  test('a protocol alone lists the services that use it', () => {
    const found = findPorts('udp', 25);
    expect(found).toHaveLength(25);
    for (const { value, label } of found)
      expect(label.text.startsWith(`${value} · `) && value.endsWith('/udp')).toBe(true);
    expect(found.map(({ port }) => port)).toEqual(expect.arrayContaining([53, 69, 123, 161, 500, 514, 1900, 51_820]));
    expect(found.map(({ port }) => port)).not.toContain(22);
    expect(findPorts('22/udp', 1)).toMatchObject([
      { port: 22, label: { text: '22/udp · SSH / SFTP' }, value: '22/udp' },
    ]);
  });

  test.each([
    ['53/udp', 53, 'udp'],
    ['tcp 53', 53, 'tcp'],
    ['TCP/53', 53, 'tcp'],
    ['udp:161', 161, 'udp'],
    ['dns udp', 53, 'udp'],
    ['SSH/TCP', 22, 'tcp'],
    ['remote desktop', 3389, undefined],
    ['22', 22, undefined],
  ] as const)('%j means %i over %s', (text, port, protocol) => {
    expect(resolveQuery(text)).toEqual({ port, protocol });
  });

  test.each(['udp', 'tcp', '/udp', '53/sctp', '53/udp/tcp', '0/udp', '053/tcp'])('%j means no port', (text) => {
    expect(resolveQuery(text)).toBeUndefined();
  });
});

describe('a port asked for with a protocol', () => {
  test.each([
    [22, 'udp', /^SSH.* does not use UDP port 22 .* about TCP\.$/],
    [513, 'udp', /^rlogin .*IANA has who there\..* about TCP\.$/],
    [69, 'tcp', /^TFTP .* about UDP\.$/],
    [1433, 'udp', /about TCP/],
    [139, 'udp', /about TCP/],
    [137, 'tcp', /about UDP/],
    [4789, 'tcp', /about UDP/],
    [270, 'tcp', /^IANA has it for UDP only/],
  ] as const)('%i/%s has a note', (port, protocol, note) => {
    expect(describePort(port, protocol).protocolNote?.text).toMatch(note);
  });

  test.each([
    [22, 'tcp'],
    [53, 'tcp'],
    [53, 'udp'],
    [1434, 'udp'],
    [137, 'udp'],
    [270, 'udp'],
    [65_535, 'udp'],
    [22, undefined],
  ] as const)('%i/%s has none', (port, protocol) => {
    expect(describePort(port, protocol)).not.toHaveProperty('protocolNote');
  });
});

describe('names from IANA', () => {
  test.each([
    [80, undefined, 'www-http'],
    [514, 'tcp', 'shell'],
    [514, 'udp', 'syslog'],
    [512, 'udp', 'biff'],
    [513, 'udp', 'who'],
    [465, 'udp', 'igmpv3lite'],
    [270, undefined, 'gist'],
    [270, 'udp', 'gist'],
    [270, 'tcp', undefined],
    [4789, undefined, 'vxlan'],
    [5222, 'tcp', 'xmpp-client'],
    [3000, undefined, 'remoteware-cl'],
    [8600, 'udp', 'asterix'],
    [6001, undefined, undefined],
    [1024, undefined, undefined],
    [49_152, undefined, undefined],
  ] as const)('%i/%s is %s', (port, protocol, name) => {
    expect(ianaService(port, protocol)?.name).toBe(name);
  });

  test.each([3000, 5000, 8600, 9000, 9090, 9200, 6443])('our name of %i wins over the registry', (port) => {
    const { service, guide, iana } = describePort(port);
    expect(service.text).toBe(guide?.service);
    expect(service.text).not.toBe(iana?.name);
  });
});
