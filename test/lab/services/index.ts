import { bind } from './bind.ts';
import { dovecot } from './dovecot.ts';
import { etcd } from './etcd.ts';
import { exim } from './exim.ts';
import { mariadb } from './mariadb.ts';
import { memcached } from './memcached.ts';
import { mosquitto } from './mosquitto.ts';
import { nginx } from './nginx.ts';
import { openssh } from './openssh.ts';
import { openssl } from './openssl.ts';
import { postgresql } from './postgresql.ts';
import { prometheus } from './prometheus.ts';
import { redis } from './redis.ts';
import type { Service } from './service.ts';
import { tigervnc } from './tigervnc.ts';
import { vsftpd } from './vsftpd.ts';

/** Every service of the lab; those that take long to start come first. */
export const SERVICES: readonly Service[] = [
  mariadb,
  postgresql,
  etcd,
  prometheus,
  openssh,
  tigervnc,
  dovecot,
  exim,
  vsftpd,
  bind,
  mosquitto,
  nginx,
  openssl,
  redis,
  memcached,
];
