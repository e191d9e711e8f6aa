import type { Topic } from '../guide.ts';

/** How a host looks from outside, and how to make it show less. */
export const exposureTopics: readonly Topic[] = [
  {
    id: 'open-ports',
    title: 'Why open ports matter',
    summary: 'Every open port is a way in that somebody has to look after.',
    sections: [
      {
        heading: 'What goes wrong',
        text: 'Four kinds of open ports cause most trouble: services nobody needs any more, outdated software, services behind weak or default passwords, and development services that were left running. Automated scanners visit every public address many times a day; an obscure address or port number does not hide anything.',
      },
      {
        heading: 'The question to ask',
        text: 'For every open port: who needs it, from where, and until when? If nobody can say who, stop the service. If only some need it, limit it to their addresses or a VPN. If it is for a test, set a date and close it on that day.',
      },
      {
        heading: 'Keep it that way',
        text: 'Write down which ports are expected on each host, and compare with a scan from outside regularly, above all after updates, new containers and firewall changes. A port that appears between two scans deserves a question.',
      },
    ],
    sources: ['BOD23-02', 'NICER'],
  },
  {
    id: 'outside-view',
    title: 'Look from outside, as an attacker would',
    summary: 'Scan the public address from a machine outside your network.',
    sections: [
      {
        heading: 'Why from outside',
        text: 'A scan from inside the network skips the firewall and shows what colleagues can reach, not what strangers can. To see what is exposed, scan the public address from a machine that is not in your network, your VPN or the private network of your provider.',
      },
      {
        heading: 'Where am I looking from?',
        text: 'The bot looks from the machine it runs on. If the target is that machine, is in the same private network, or is reached through the public address of the bot itself, this is not the view from outside: look at your own public address from a machine somewhere else. A private address (10.x, 172.16.x to 172.31.x, 192.168.x) is never the view from outside.',
      },
      {
        heading: 'Traps',
        text: 'Scanning your own public address from inside often goes through the router in a special way (hairpin NAT): the result may show the router itself, or rules that do not apply to strangers. A scanner at the same provider may take a private path, and an address that your firewall trusts sees too much.',
      },
      {
        heading: 'IPv6 too',
        text: 'Many hosts have a public IPv6 address without NAT in front of it, and firewall rules written for IPv4 only. Scan both: a service that is closed on IPv4 can be open on IPv6.',
      },
      {
        heading: 'Read it together with the inside',
        text: 'Compare with `ss -ltn` on the host: what listens on `0.0.0.0` or `[::]` is kept in by the firewall alone. What listens on 127.0.0.1 is safe even if the firewall fails.',
      },
    ],
    sources: ['BOD23-02', 'NICER'],
  },
  {
    id: 'firewall-basics',
    title: 'Firewall basics',
    summary: 'Deny by default, allow by source, know drop from reject.',
    sections: [
      {
        heading: 'Deny by default',
        text: 'Let the firewall refuse everything that no rule allows, then allow the few services that are meant to be reachable. New services then stay inside until somebody opens them on purpose. Do the same for IPv6.',
      },
      {
        heading: 'Allow by source',
        text: 'A rule that names the source is worth more than a password: administration from the VPN or a bastion, databases from the application servers, monitoring from the monitoring host. Give temporary rules a comment with a name and an end date.',
      },
      {
        heading: 'Drop or reject',
        text: 'Drop stays silent: scans see filtered, and attackers have to wait for every timeout. Reject answers with a reset or an ICMP error: a reset shows as closed, and honest clients fail at once instead of hanging. Drop towards the internet and reject inside is a common choice.',
      },
      {
        heading: 'Two layers, and containers',
        text: 'Use the firewall of the network or cloud provider and the one of the host, so that one mistake does not expose everything. Published container ports often go past host rules: Docker writes its own, so publish as `127.0.0.1:8080:80` where only the host needs the port.',
      },
    ],
    sources: ['NSA-NISG', 'RFC9293'],
  },
];
