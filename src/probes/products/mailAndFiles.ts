import { holds, opens, place, starts } from './fingerprint.ts';

const BIND_SERIES = [
  '9.4.',
  '9.5.',
  '9.6.',
  '9.7.',
  '9.8.',
  '9.9.',
  '9.10.',
  '9.11.',
  '9.12.',
  '9.14.',
  '9.16.',
  '9.18.',
].concat(['9.19.', '9.20.', '9.21.', '9.22.']);

const ftp = place(['ftp'], 'text', 'server', [
  holds('vsftpd', '(vsftpd ', ''),
  holds('vsftpd', 'vsftpd', ''),
  holds('ProFTPD', 'proftpd ', ''),
  holds('ProFTPD', 'proftpd'),
  holds('Pure-FTPd', 'pure-ftpd'),
  holds('FileZilla Server', 'filezilla server', ''),
  holds('IIS FTP', 'microsoft ftp service'),
  holds('MikroTik RouterOS', 'ftp server (mikrotik ', ''),
  holds('Serv-U', 'serv-u ftp server', ''),
  holds('Wing FTP Server', 'wing ftp server', 'server '),
  holds('CrushFTP', 'crushftp', ''),
  holds('Cerberus FTP Server', 'cerberus ftp server', ''),
  holds('Xlight FTP', 'xlight'),
  holds('Gene6 FTP Server', 'gene6 ftp server'),
  holds('pyftpdlib', 'pyftpdlib', ''),
  holds('Synology DSM', 'disk station ftp server'),
  holds('Synology DSM', 'diskstation ftp server'),
  holds('QNAP QTS', 'nasftpd turbo station'),
  holds('WU-FTPD', 'version wu-', ''),
  holds('HP JetDirect', 'jd ftp server'),
  holds('BFTPD', 'bftpd', ''),
  holds('glFTPd', 'glftpd', ''),
]);

/** What FEAT lists (RFC 2389), in the order of the list, where the greeting keeps silent. */
const ftpFeatures = place(['ftp'], 'features', 'server', [
  holds('vsftpd', 'eprt epsv mdtm pasv rest'),
  holds('vsftpd', 'eprt epsv mdtm pasv pbsz'),
]);

const smtp = place(['smtp', 'smtps', 'submission'], 'text', 'server', [
  holds('Postfix', 'esmtp postfix', 'postfix ('),
  holds('Postfix', 'postfix'),
  holds('Exim', 'esmtp exim', ''),
  holds('Exim', 'exim ', ''),
  holds('Sendmail', 'sendmail', ''),
  holds('OpenSMTPD', 'opensmtpd'),
  holds('Microsoft Exchange', 'microsoft esmtp mail service', 'version: '),
  holds('Haraka', 'haraka', ''),
  holds('MailEnable', 'mailenable', 'version: '),
  holds('hMailServer', 'hmailserver', ''),
  holds('MDaemon', 'mdaemon', ''),
  holds('Kerio Connect', 'kerio connect', ''),
  holds('Zimbra', 'zimbra'),
  holds('qmail', 'qmail'),
  holds('Courier', 'courier'),
  holds('Stalwart', 'stalwart'),
  holds('Google Mail', 'gsmtp'),
  holds('Mailpit', 'mailpit'),
  holds('MailHog', 'mailhog'),
  holds('IceWarp', 'icewarp', ''),
  holds('Axigen', 'axigen'),
  holds('Maddy', 'maddy'),
]);

const mailboxes = place(['imap', 'imaps', 'pop3', 'pop3s', 'sieve'], 'text', 'server', [
  holds('Dovecot', 'dovecot'),
  holds('Courier', 'courier-imap'),
  holds('Courier', 'courier'),
  holds('Cyrus IMAP', 'cyrus imap', 'cyrus imap '),
  holds('Cyrus IMAP', 'cyrus pop3', 'cyrus pop3 '),
  holds('Microsoft Exchange', 'microsoft exchange'),
  holds('Zimbra', 'zimbra', ''),
  holds('Kerio Connect', 'kerio connect', ''),
  holds('hMailServer', 'hmailserver'),
  holds('MailEnable', 'mailenable'),
  holds('MDaemon', 'mdaemon', ''),
  holds('UW IMAP', 'imap4rev1 20', ''),
  holds('Google Mail', 'gimap ready'),
  holds('Stalwart', 'stalwart'),
  holds('IceWarp', 'icewarp', ''),
  holds('Qpopper', 'qpopper', 'version '),
]);

const files = place(['rsync'], 'text', 'server', [starts('rsync', '@rsyncd:')]);
const samba = place(['smb'], 'text', 'server', [holds('Samba', 'samba', '')]);

/** The answer to `version.bind` in class CHAOS (RFC 4892). */
const dns = place(['dns', 'domain'], 'text', 'server', [
  starts('Unbound', 'unbound', ''),
  starts('dnsmasq', 'dnsmasq-', ''),
  starts('dnsmasq', 'dnsmasq', ''),
  holds('PowerDNS Recursor', 'powerdns recursor', ''),
  holds('PowerDNS Authoritative Server', 'powerdns authoritative server', ''),
  starts('Knot Resolver', 'knot resolver', ''),
  starts('Knot DNS', 'knot dns', ''),
  starts('NSD', 'nsd ', ''),
  starts('CoreDNS', 'coredns', '-'),
  holds('Microsoft DNS', 'microsoft dns', ''),
  starts('BIND', 'bind ', ''),
  starts('BIND', 'named ', ''),
  // BIND answers with nothing but its version; the needle starts it.
  ...BIND_SERIES.map((series) => opens('BIND', series)),
]);

export const MAIL_AND_FILE_FINGERPRINTS = [...ftp, ...ftpFeatures, ...smtp, ...mailboxes, ...files, ...samba, ...dns];
