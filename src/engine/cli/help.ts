import { TOP_MAX } from '../ports/presets.ts';

export const EXAMPLE = 'npm run scan -- 127.0.0.1 -p 22,80,443';

export const HELP = `Usage: npm run scan -- HOST... -p PORTS [options]

Checks TCP and UDP ports. Scan only what you may scan.

  HOST                an IPv4 or IPv6 address, a name, or a network such as
                      192.0.2.0/24; several of them, up to 65536 addresses
  -p, --ports PORTS   22,80,8000-8010  names: ssh,https  UDP: 53/udp,ntp/udp
                      presets: @web @mail @db @remote @containers @common,
                      and @topN for the N most telling ports (1 to ${TOP_MAX})
  -4, -6              use the IPv4 or the IPv6 address of a name
  --json              one JSON object a line, the summary last
  --timeout MS        longest wait for one answer (measured)
  --deadline MS       end after so long with what is known by then (none)
  --rate N            packets a second at most (by distance)
  --retries N         further attempts at a silent port (by measured loss)
  --on-rate-limit pace|stop
                      where a host limits its refusals: keep to its pace until
                      every closed port is known, or find the open ones only
                      (pace)
  --transport net|ffi|raw
                      how packets are sent: Node's sockets, the system's calls
                      (Linux, koffi), or raw packets (Linux, CAP_NET_RAW);
                      without it the faster of ffi and net that works here
  -h, --help          this text

On a terminal a line on standard error shows the progress (not with --json).

Exit status: 0 done, or stopped by the deadline (the summary says so); 1 failed,
or a name did not resolve; 2 wrong usage; 130 interrupted, after printing what
was found. A second signal ends at once.

Examples:
  ${EXAMPLE}
  npm run scan -- db1.example.com db2.example.com -p @db --json
  npm run scan -- 192.0.2.0/24 -p @top20,53/udp,161/udp --deadline 60000
  npm run scan -- ::1 -p 1-65535 --transport net
`;
