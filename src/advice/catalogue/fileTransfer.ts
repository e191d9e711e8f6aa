import type { PortGuide } from '../guide.ts';

/** Moving files to and from a host. */
export const fileTransfer: readonly PortGuide[] = [
  {
    ports: [21, 20],
    protocols: ['tcp'],
    service: 'FTP',
    aliases: ['ftp', 'ftpd', 'vsftpd', 'proftpd'],
    purpose: 'File transfer: 21 carries logins and commands, 20 is the source of active-mode data connections.',
    facing: 'conditional',
    condition: 'only if outside partners need it and it insists on TLS',
    severity: 'medium',
    risks: [
      'Logins and files cross the network in clear text unless TLS is enforced.',
      'Anonymous upload turns the server into a drop box for strangers.',
      'Old daemons carry known holes and allow bounce scans.',
    ],
    tip: 'Replace FTP with SFTP or HTTPS; if it has to stay, turn anonymous access off and require TLS.',
    actions: [
      'Move users to SFTP (already part of SSH) or HTTPS upload, then stop the daemon.',
      'Turn anonymous logins off and require TLS (vsftpd: `anonymous_enable=NO`, `force_local_logins_ssl=YES`).',
      'Confine users to their directory and fix a narrow passive port range in the firewall.',
      'Lock out sources after failed logins, for example with fail2ban.',
    ],
    sources: ['RFC2577', 'RFC4217', 'NICER', 'BOD23-02'],
    reviewed: '2026-11-23',
  },
  {
    ports: [69],
    protocols: ['udp'],
    service: 'TFTP',
    aliases: ['tftp', 'tftpd', 'pxe'],
    purpose: 'File transfer without login, for network boot and for configurations of phones and switches.',
    facing: 'no',
    severity: 'high',
    risks: [
      'Anyone who guesses a file name gets configurations and firmware.',
      'Answers go to forged source addresses and amplify attacks.',
    ],
    tip: 'Keep TFTP on the provisioning network and drop UDP 69 at the edge.',
    actions: [
      'Serve TFTP from a read-only directory on the provisioning VLAN only.',
      'Move device configurations to HTTPS or SCP where the devices support it.',
      'Drop UDP 69 at the network edge.',
    ],
    sources: ['RFC1350', 'TA14-017A', 'BOD23-02'],
    reviewed: '2026-11-23',
  },
  {
    ports: [873],
    protocols: ['tcp'],
    service: 'rsync daemon',
    aliases: ['rsync', 'rsyncd'],
    purpose: 'Synchronises files and backups from named modules, unencrypted.',
    facing: 'no',
    severity: 'high',
    risks: [
      'Modules without `auth users` hand out backups to anyone.',
      'A writable module lets strangers plant or delete files.',
      'Some releases before 3.4.0 have a heap overflow that needs read access only (CVE-2024-12084).',
    ],
    tip: 'Run rsync over SSH and stop the daemon, or limit its modules with `hosts allow` and `auth users`.',
    actions: [
      'Use `rsync -e ssh` and stop the daemon where you can.',
      'Set `hosts allow`, `auth users`, `secrets file`, `read only = yes` and `list = no` for every module.',
      'Update rsync to 3.4.0 or later, or to the fixed package of your distribution.',
    ],
    sources: ['RSYNC', 'NICER'],
    reviewed: '2026-11-23',
  },
];
