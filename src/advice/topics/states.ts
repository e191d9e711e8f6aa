import type { Topic } from '../guide.ts';
import { reasonLines } from './reasons.ts';

/** What the verdicts of a scan mean. */
export const stateTopics: readonly Topic[] = [
  {
    id: 'states',
    title: 'What open, closed and filtered mean',
    summary: 'The states of a port, the reason for each, and what it says about security.',
    sections: [
      {
        heading: 'Open',
        text: 'The host answered the connection request with SYN-ACK: something accepts connections. Every service you offer needs this, so open is not bad in itself. It is attack surface, and somebody has to know why it is there and keep it secure.',
      },
      {
        heading: 'Closed',
        text: 'The host answered with a reset (RST): nothing listens on the port. The risk is low, but the answer proves that the host is there and that no firewall is in the way. A service started on that port tomorrow is visible at once.',
      },
      {
        heading: 'Filtered',
        text: 'No usable answer came back, usually because a firewall drops the packet. An attacker cannot even confirm from this port that the host exists. Lost packets look the same, therefore silent ports are asked again before they are called filtered.',
      },
      {
        heading: 'Error',
        text: 'The scanner itself could not test the port, for example because it had no route or no free socket. This says nothing about the target. Repeat the scan before you draw conclusions.',
      },
      {
        heading: 'Open or filtered',
        text: 'Only over UDP: nothing came back. A service that ignores strangers and a firewall look the same.',
      },
      {
        heading: 'Reasons: an answer came',
        text: reasonLines([
          'syn-ack',
          'udp-response',
          'conn-refused',
          'syn-proxy',
          'port-unreach',
          'host-unreach',
          'net-unreach',
          'admin-prohibited',
        ]),
      },
      {
        heading: 'Reasons: silence',
        text: reasonLines(['no-response', 'rst-rate-limited', 'icmp-rate-limited']),
      },
      {
        heading: 'Reasons: the scanner itself',
        text: reasonLines(['no-descriptor', 'no-source-port', 'no-buffer', 'no-route', 'local-firewall', 'unexpected']),
      },
    ],
    sources: ['RFC9293', 'RFC792'],
  },
  {
    id: 'open',
    title: 'Open ports',
    summary: 'Something accepts connections: know who needs it, and secure it.',
    sections: [
      {
        heading: 'What was seen',
        text: 'The scanner sent a SYN and got a SYN-ACK. A program on the host, or a load balancer or firewall in front of it, accepts connections. The number is only a hint at the service: any program can listen on any port.',
      },
      {
        heading: 'What it means',
        text: 'Anybody who can reach the port can talk to the program behind it: try passwords, try known flaws, read what it gives away. That is fine for a service you mean to offer and keep updated. It is a finding when nobody remembers why the port is open.',
      },
      {
        heading: 'What to do',
        text: 'Find the process on the host (`ss -ltnp` on Linux, `netstat -abno` on Windows). Ask who needs it, from where, and until when. Then stop it, bind it to 127.0.0.1, limit it to named sources, or harden it and note it as expected.',
      },
    ],
    sources: ['RFC9293', 'BOD23-02'],
  },
  {
    id: 'closed',
    title: 'Closed ports',
    summary: 'The host answers with a reset: nothing listens, but the way is free.',
    sections: [
      {
        heading: 'What was seen',
        text: 'The scanner sent a SYN and got a RST. The host, or a firewall that rejects on its behalf, says that nobody listens here.',
      },
      {
        heading: 'What it means',
        text: 'There is no service to attack, so the risk is low. But the answer confirms that the host exists, and packets to this port get through. If a program starts to listen there tomorrow, by an update, a container or a mistake, the internet sees it at once.',
      },
      {
        heading: 'What to do',
        text: 'Nothing urgent. A firewall that drops by default turns closed ports into filtered ones and protects against the service of tomorrow. Where you expected a service, check that it runs and that it listens on the public address, not only on 127.0.0.1.',
      },
    ],
    sources: ['RFC9293'],
  },
  {
    id: 'filtered',
    title: 'Filtered ports',
    summary: 'No usable answer: a firewall drops the packet, or the path is broken.',
    sections: [
      {
        heading: 'What was seen',
        text: 'No answer came within the time limit, even after asking again, or a router reported that the destination is unreachable or prohibited.',
      },
      {
        heading: 'What it means',
        text: 'For ports you do not use this is the best state: an attacker learns nothing from them, and has to wait for every timeout. If all ports of a host are filtered, it may be protected well, switched off, or not routed at all: the scan cannot tell these apart.',
      },
      {
        heading: 'When it is the finding',
        text: 'If users should reach the service, filtered is the fault to look for: check the host firewall, the security group of the cloud provider and the routers between. Packet loss and rate limits look the same, so repeat the scan before you change rules.',
      },
    ],
    sources: ['RFC9293'],
  },
];
