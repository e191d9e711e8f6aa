import type { Topic } from '../guide.ts';

/** Advice on whole families of services. */
export const serviceTopics: readonly Topic[] = [
  {
    id: 'web',
    title: 'Web servers (80 and 443)',
    summary: 'Open on a web server only: HTTPS everywhere, HTTP just to redirect.',
    sections: [
      {
        heading: 'Where they belong',
        text: 'Ports 80 and 443 are meant to be open on hosts that serve a site or an API, and on nothing else. On a database server, a printer or a router an open web port is usually an admin page that should be inside.',
      },
      {
        heading: 'TLS',
        text: 'Offer TLS 1.2 and 1.3 only, renew certificates automatically and raise an alarm before they expire. Redirect port 80 to HTTPS and send HSTS. The intermediate profile of Mozilla fits nearly every site.',
      },
      {
        heading: 'What is behind it',
        text: 'The web server is rarely the weak point: the application is. Update it, remove forgotten sites and default pages, and put admin paths behind single sign-on or a VPN. Look at alternate ports too (8000, 8080, 8443, 8888): this is where test and admin pages stay open.',
      },
    ],
    sources: ['MOZ-TLS', 'RFC9325', 'RFC6797'],
  },
  {
    id: 'ssh',
    title: 'SSH',
    summary: 'Robots guess passwords all day: keys only, and an allowlist or fail2ban.',
    sections: [
      {
        heading: 'What happens',
        text: 'Minutes after port 22 becomes reachable, robots begin to guess passwords, and they never stop. With keys only, guessing is noise. With passwords, one weak account is enough.',
      },
      {
        heading: 'Settings',
        text: 'In `sshd_config`: `PasswordAuthentication no`, `KbdInteractiveAuthentication no`, `PermitRootLogin no`. Check with `sshd -T` what really applies, since a file in `sshd_config.d` may override it. Keep a second session open while you change settings.',
      },
      {
        heading: 'Who may try',
        text: 'Best: only a VPN, a bastion or named addresses reach the port. Otherwise let fail2ban or `PerSourcePenalties` (OpenSSH 9.8 and later) shut out sources that fail. Another port number thins out the log, but protects from nobody who looks.',
      },
      {
        heading: 'Keys',
        text: 'Protect keys with a passphrase or a FIDO token, give every person their own, and remove keys when people leave. Look through `authorized_keys` of all users, service accounts too.',
      },
    ],
    sources: ['MOZ-SSH', 'SSHAUDIT', 'NISTIR7966'],
  },
  {
    id: 'databases',
    title: 'Databases',
    summary: 'A database never faces the internet: bind it inside and tunnel to it.',
    sections: [
      {
        heading: 'The rule',
        text: 'No database, cache or queue belongs on the internet, with a password or without. Several ship without a login (memcached) or had none for years (Redis, MongoDB, Elasticsearch). Open ones are found, copied, wiped and held to ransom by robots within hours.',
      },
      {
        heading: 'How to close it',
        text: 'Bind it to 127.0.0.1 when application and database share a host, else to a private address. Allow only the application servers in the firewall. With Docker leave out `ports:` or publish as `127.0.0.1:5432:5432`: a plain `5432:5432` opens the port past host firewalls such as ufw.',
      },
      {
        heading: 'How to get to it',
        text: 'Use a VPN, or a tunnel: `ssh -L 5432:127.0.0.1:5432 host`. Inside, still require logins, TLS and narrow rights for every application.',
      },
      {
        heading: 'If it was open',
        text: 'Assume that the data was read. Close the port, look for foreign accounts, databases and ransom notes, change the credentials that were stored in it, restore from backups if data is missing, and check which notification duties apply.',
      },
    ],
    sources: ['REDIS', 'MONGO', 'ELASTIC', 'NICER'],
  },
  {
    id: 'development-services',
    title: 'Development services left open',
    summary: 'Debuggers, notebooks and test servers that nobody stopped.',
    sections: [
      {
        heading: 'The classic',
        text: 'A development server started with `--host 0.0.0.0` to show a colleague something, a notebook without a token, a debugger, a test database: made for one afternoon and still running months later. They have no login, show source and secrets, and some run any code on request.',
      },
      {
        heading: 'Where to look',
        text: 'Ports 3000, 4200, 5000, 5173, 8000, 8080, 8888 (web and notebooks), 9229 (Node.js inspector), 4444 (Selenium), 2375 (Docker) and all database ports. `docker ps` shows published ports; `ss -ltnp` shows everything else.',
      },
      {
        heading: 'How to share safely',
        text: 'Bind to 127.0.0.1 and use `ssh -L`, a VPN, or a proxy with a login. Where it has to be public for a while, give it a login and an end date. Never run a debugger or debug mode on a public address.',
      },
    ],
    sources: ['JUPYTER', 'NODE', 'DOCKER'],
  },
];
