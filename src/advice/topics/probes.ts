import type { Topic } from '../guide.ts';

/** What a scan does on a port after it was found open. */
export const probeTopics: readonly Topic[] = [
  {
    id: 'probes',
    title: 'What the bot asks of an open port',
    summary: 'Questions that only read, and never a credential.',
    sections: [
      {
        heading: 'Listen first, then ask',
        text: 'Many services introduce themselves: SSH, mail, FTP and MySQL send the first word. Where a service waits, the bot asks a question of its protocol that only reads, such as `GET /` over HTTP, `PING` to Redis or a hello over TLS. The answer shows the product, the version and the settings that strangers can see.',
      },
      {
        heading: 'What it never does',
        text: 'It sends no password, key or token, not even an empty or a default one, and logs in nowhere. PostgreSQL wants a user name before it says anything: the bot names `postgres` and hangs up where the login would begin. It writes, changes and deletes nothing, tries no known flaw, and follows no redirect to another host. An anonymous login is noted where it is offered, and not used.',
      },
      {
        heading: 'Limits',
        text: 'Only open TCP ports that the allowlist permits are asked. Every conversation is limited in time and in bytes and ends when the scan is cancelled. Only the first bytes of an answer are kept, and they are shown neutralised.',
      },
      {
        heading: 'What the other side sees',
        text: 'A few short connections from the address of the bot, one after the other. Their logs can show failed handshakes or requests with the user agent `harbormaster`. If a monitoring system raises an alarm at the time of the scan, this is why.',
      },
    ],
    sources: ['RFC9511'],
  },
];
