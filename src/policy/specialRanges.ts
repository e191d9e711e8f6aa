import { type Phrase, say } from '../engine/phrase.ts';
import type { AddressTier } from './addressClass.ts';

/** A range, who may scan it, and what it is in words for a person, with its document. */
export type SpecialRange = readonly [cidr: string, tier: Exclude<AddressTier, 'global'>, rule: Phrase];

/** Where clouds hand secrets to whoever asks from inside; source: the vendors' documentation. */
export const METADATA_SERVICES: readonly SpecialRange[] = [
  ['169.254.169.254/32', 'forbidden', say`cloud metadata service`],
  ['169.254.169.253/32', 'forbidden', say`cloud platform service (AWS resolver)`],
  ['169.254.170.2/32', 'forbidden', say`cloud metadata service (ECS)`],
  ['169.254.170.23/32', 'forbidden', say`cloud metadata service (EKS)`],
  ['169.254.0.23/32', 'forbidden', say`cloud metadata service (Tencent)`],
  ['169.254.42.42/32', 'forbidden', say`cloud metadata service (Scaleway)`],
  ['100.100.100.200/32', 'forbidden', say`cloud metadata service (Alibaba)`],
  ['168.63.129.16/32', 'forbidden', say`cloud platform service (Azure WireServer)`],
  ['192.0.0.192/32', 'forbidden', say`cloud metadata service (Oracle)`],
  ['fd00:ec2::254/128', 'forbidden', say`cloud metadata service`],
  ['fd00:ec2::253/128', 'forbidden', say`cloud platform service (AWS resolver)`],
  ['fd00:ec2::23/128', 'forbidden', say`cloud metadata service (EKS)`],
  ['fd20:ce::254/128', 'forbidden', say`cloud metadata service (GCP)`],
  ['fd00:42::42/128', 'forbidden', say`cloud metadata service (Scaleway)`],
];

/**
 * Source: IANA IPv4 Special-Purpose Address Registry of 2025-10-09 (RFC 6890, RFC 8190), and multicast (RFC 5771). What
 * the registry calls globally reachable is infrastructure of a protocol, no host of anybody's, and forbidden like the
 * rest.
 */
export const SPECIAL_IPV4: readonly SpecialRange[] = [
  ['0.0.0.0/8', 'forbidden', say`“this network” (RFC 791)`],
  ['0.0.0.0/32', 'forbidden', say`unspecified address (RFC 1122)`],
  ['10.0.0.0/8', 'private', say`private network (RFC 1918)`],
  ['100.64.0.0/10', 'private', say`carrier-grade NAT (RFC 6598)`],
  ['127.0.0.0/8', 'private', say`loopback (RFC 1122)`],
  ['169.254.0.0/16', 'private', say`link-local (RFC 3927)`],
  ['172.16.0.0/12', 'private', say`private network (RFC 1918)`],
  ['192.0.0.0/24', 'forbidden', say`IETF protocol assignments (RFC 6890)`],
  ['192.0.0.0/29', 'forbidden', say`IPv4 service continuity, DS-Lite (RFC 7335)`],
  ['192.0.0.8/32', 'forbidden', say`IPv4 dummy address (RFC 7600)`],
  ['192.0.0.9/32', 'forbidden', say`Port Control Protocol anycast (RFC 7723)`],
  ['192.0.0.10/32', 'forbidden', say`TURN anycast (RFC 8155)`],
  ['192.0.0.170/31', 'forbidden', say`NAT64 discovery (RFC 8880)`],
  ['192.0.2.0/24', 'forbidden', say`documentation (RFC 5737)`],
  ['192.31.196.0/24', 'forbidden', say`AS112 (RFC 7535)`],
  ['192.52.193.0/24', 'forbidden', say`AMT (RFC 7450)`],
  ['192.88.99.0/24', 'forbidden', say`former 6to4 relay (RFC 7526)`],
  ['192.88.99.2/32', 'forbidden', say`6a44 relay anycast (RFC 6751)`],
  ['192.168.0.0/16', 'private', say`private network (RFC 1918)`],
  ['192.175.48.0/24', 'forbidden', say`AS112 (RFC 7534)`],
  ['198.18.0.0/15', 'forbidden', say`benchmarking (RFC 2544)`],
  ['198.51.100.0/24', 'forbidden', say`documentation (RFC 5737)`],
  ['203.0.113.0/24', 'forbidden', say`documentation (RFC 5737)`],
  ['224.0.0.0/4', 'forbidden', say`multicast (RFC 5771)`],
  ['240.0.0.0/4', 'forbidden', say`reserved (RFC 1112)`],
  ['255.255.255.255/32', 'forbidden', say`broadcast (RFC 919)`],
];

/**
 * Source: IANA IPv6 Special-Purpose Address Registry of 2025-10-09, and RFC 4291. What lies outside 2000::/3 and is not
 * listed is forbidden too.
 */
export const SPECIAL_IPV6: readonly SpecialRange[] = [
  ['::/128', 'forbidden', say`unspecified address (RFC 4291)`],
  ['::1/128', 'private', say`loopback (RFC 4291)`],
  ['::/96', 'forbidden', say`IPv4-compatible (RFC 4291)`],
  ['::ffff:0:0/96', 'forbidden', say`IPv4-mapped (RFC 4291)`],
  ['::ffff:0:0:0/96', 'forbidden', say`IPv4-translated (RFC 2765)`],
  ['64:ff9b::/96', 'forbidden', say`NAT64 (RFC 6052)`],
  ['64:ff9b:1::/48', 'forbidden', say`local-use NAT64 (RFC 8215)`],
  ['100::/64', 'forbidden', say`discard-only (RFC 6666)`],
  ['100:0:0:1::/64', 'forbidden', say`dummy prefix (RFC 9780)`],
  ['2001::/23', 'forbidden', say`IETF protocol assignments (RFC 2928)`],
  ['2001::/32', 'forbidden', say`Teredo (RFC 4380)`],
  ['2001:1::1/128', 'forbidden', say`Port Control Protocol anycast (RFC 7723)`],
  ['2001:1::2/128', 'forbidden', say`TURN anycast (RFC 8155)`],
  ['2001:1::3/128', 'forbidden', say`DNS-SD service registration anycast (RFC 9665)`],
  ['2001:2::/48', 'forbidden', say`benchmarking (RFC 5180)`],
  ['2001:3::/32', 'forbidden', say`AMT (RFC 7450)`],
  ['2001:4:112::/48', 'forbidden', say`AS112 (RFC 7535)`],
  ['2001:10::/28', 'forbidden', say`former ORCHID (RFC 4843)`],
  ['2001:20::/28', 'forbidden', say`ORCHIDv2 (RFC 7343)`],
  ['2001:30::/28', 'forbidden', say`drone remote ID tags (RFC 9374)`],
  ['2001:db8::/32', 'forbidden', say`documentation (RFC 3849)`],
  ['2002::/16', 'forbidden', say`6to4 (RFC 3056)`],
  ['2620:4f:8000::/48', 'forbidden', say`AS112 (RFC 7534)`],
  ['3fff::/20', 'forbidden', say`documentation (RFC 9637)`],
  ['5f00::/16', 'forbidden', say`segment routing (RFC 9602)`],
  ['fc00::/7', 'private', say`unique local (RFC 4193)`],
  ['fe80::/10', 'private', say`link-local (RFC 4291)`],
  ['fec0::/10', 'forbidden', say`former site-local (RFC 3879)`],
  ['ff00::/8', 'forbidden', say`multicast (RFC 4291)`],
];
