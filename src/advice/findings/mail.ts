import { say } from '../../engine/phrase.ts';
import { type FindingKind, type Rule, ruleFor } from './finding.ts';
import { some } from './text.ts';

const AUTH_BEFORE_TLS: FindingKind = {
  id: 'mail-auth-before-tls',
  severity: 'high',
  title: 'The mail server takes passwords before TLS',
  why: 'A mail program that does not insist on TLS sends its password readable for everyone on the path.',
  actions: [
    'Require TLS before AUTH (Postfix: `smtpd_tls_auth_only = yes`, Dovecot: `ssl = required`).',
    'Offer the ports with TLS from the first byte (465, 993, 995) and close the plain ones to people.',
  ],
  source: 'RFC8314',
};

const SMTP_NO_STARTTLS: FindingKind = {
  id: 'smtp-no-starttls',
  severity: 'medium',
  title: 'The mail server offers no STARTTLS',
  why: 'Mail travels in the clear between servers and can be read and changed on the way.',
  actions: [
    'Offer STARTTLS with a valid certificate (Postfix: `smtpd_tls_security_level = may`).',
    'Publish MTA-STS or DANE once it works, so that nobody can strip it.',
  ],
  source: 'RFC3207',
};

const MAILBOX_NO_TLS: FindingKind = {
  id: 'mailbox-no-tls',
  severity: 'medium',
  title: 'Mailboxes without TLS',
  why: 'Passwords and mail travel in the clear.',
  actions: ['Offer IMAP on 993 and POP3 on 995 only.', 'Close 143 and 110, or require STARTTLS there.'],
  source: 'RFC8314',
};

const IMAP_PREAUTH: FindingKind = {
  id: 'imap-open',
  severity: 'critical',
  title: 'IMAP lets strangers in without a password',
  why: 'Whoever connects is logged in already and can read and delete mail.',
  actions: ['Close the port to other hosts now.', 'Remove the pre-authenticated service from the configuration.'],
  source: 'RFC8314',
};

const FTP_NO_TLS: FindingKind = {
  id: 'ftp-no-tls',
  severity: 'high',
  title: 'FTP without AUTH TLS',
  why: 'Passwords and files travel in the clear.',
  actions: [
    'Replace FTP by SFTP or HTTPS.',
    'Require TLS if FTP must stay (vsftpd: `force_local_logins_ssl=YES`), and turn anonymous access off.',
  ],
  source: 'RFC4217',
};

const FTP_ANONYMOUS: FindingKind = {
  id: 'ftp-anonymous-offered',
  severity: 'medium',
  title: 'FTP offers anonymous access',
  why: 'Strangers can read what is there, and where a folder is writable it fills with the files of others.',
  actions: [
    'Disable anonymous access (vsftpd: `anonymous_enable=NO`).',
    'Check that nothing is writable if it has to stay.',
  ],
  source: 'RFC2577',
};

export const MAIL_KINDS = [AUTH_BEFORE_TLS, SMTP_NO_STARTTLS, MAILBOX_NO_TLS, IMAP_PREAUTH, FTP_NO_TLS, FTP_ANONYMOUS];

export const MAIL_RULES: readonly Rule[] = [
  ruleFor('smtp', ({ authBeforeTls, auth = [] }) =>
    authBeforeTls === true
      ? { kind: AUTH_BEFORE_TLS, seen: say`AUTH ${some(auth)} is offered in the clear.` }
      : undefined,
  ),
  ruleFor('imap', ({ authBeforeTls, greeting }) =>
    authBeforeTls === true && greeting === 'OK'
      ? { kind: AUTH_BEFORE_TLS, seen: say`No LOGINDISABLED among the capabilities, without TLS.` }
      : undefined,
  ),
  ruleFor('pop3', ({ authBeforeTls }) =>
    authBeforeTls === true
      ? { kind: AUTH_BEFORE_TLS, seen: say`USER or SASL PLAIN is offered in the clear.` }
      : undefined,
  ),
  ruleFor('smtp', ({ tls, startTls }) =>
    !tls && startTls === false ? { kind: SMTP_NO_STARTTLS, seen: say`EHLO lists no STARTTLS.` } : undefined,
  ),
  ruleFor('imap', ({ tls, startTls }) =>
    !tls && startTls === false ? { kind: MAILBOX_NO_TLS, seen: say`CAPABILITY lists no STARTTLS.` } : undefined,
  ),
  ruleFor('pop3', ({ tls, startTls }) =>
    !tls && startTls === false ? { kind: MAILBOX_NO_TLS, seen: say`CAPA lists no STLS.` } : undefined,
  ),
  ruleFor('imap', ({ greeting }) =>
    greeting === 'PREAUTH' ? { kind: IMAP_PREAUTH, seen: say`The greeting is PREAUTH.` } : undefined,
  ),
  ruleFor('ftp', ({ tls, startTls }) =>
    !tls && startTls === false ? { kind: FTP_NO_TLS, seen: say`FEAT lists no AUTH TLS.` } : undefined,
  ),
  ruleFor('ftp', ({ anonymousOffered }) =>
    anonymousOffered ? { kind: FTP_ANONYMOUS, seen: say`The greeting speaks of anonymous access.` } : undefined,
  ),
];
