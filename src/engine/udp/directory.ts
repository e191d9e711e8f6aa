import {
  application,
  bits32,
  boolean,
  context,
  enumerated,
  generalizedTime,
  generalString,
  integer,
  octets,
  sequence,
  tagged,
} from './ber.ts';
import { ascii, bytes, counted16, fill, join, u16, u24, u32 } from './bytes.ts';

/**
 * CLDAP: one small attribute of the root DSE (RFC 4511 §4.5.1, RFC 4512 §5.1). All attributes would come to kilobytes.
 */
export function ldapRootDse(): Uint8Array {
  const baseObject = enumerated(0);
  const neverDereference = enumerated(0);
  const present = tagged(0x87, ascii('objectClass'));
  const limits = [integer(0), integer(0), boolean(false)];
  const attributes = sequence(octets('supportedLDAPVersion'));
  return sequence(integer(1), application(3, octets(''), baseObject, neverDereference, ...limits, present, attributes));
}

/**
 * SNMP: discovery of the engine's identifier (RFC 3414 §4, in the message of RFC 3412 §6). It names no user and no
 * community, so nothing is guessed; an engine answers with a report (usmStatsUnknownEngineIDs).
 */
export function snmpDiscovery(): Uint8Array {
  const version3 = integer(3);
  const reportable = 0x04;
  const userBasedSecurity = integer(3);
  const largestMessage = integer(1_472);
  const header = sequence(integer(1), largestMessage, octets(bytes(reportable)), userBasedSecurity);
  const security = sequence(octets(''), integer(0), integer(0), octets(''), octets(''), octets(''));
  const getRequest = context(0, integer(1), integer(0), integer(0), sequence());
  return sequence(version3, header, octets(security), sequence(octets(''), octets(''), getRequest));
}

/**
 * Kerberos: an AS-REQ (RFC 4120 §5.4.1) that names no client, for a realm that cannot exist (RFC 6761 §6.4 keeps the
 * word free in DNS). Nobody is logged in; the key distribution centre answers KRB-ERROR (§5.9.1).
 */
export function kerberosRequest(): Uint8Array {
  const realm = 'INVALID';
  const serviceInstance = integer(2);
  const names = sequence(generalString('krbtgt'), generalString(realm));
  const server = sequence(context(0, serviceInstance), context(1, names));
  const body = sequence(
    context(0, bits32(0)),
    context(2, generalString(realm)),
    context(3, server),
    context(5, generalizedTime('19700101000000Z')),
    context(7, integer(0x484d)),
    context(8, sequence(integer(18), integer(17))),
  );
  return application(10, sequence(context(1, integer(5)), context(2, integer(10)), context(4, body)));
}

/**
 * RADIUS: Status-Server (RFC 5997 §3). Its Message-Authenticator would need the shared secret; none is guessed, so the
 * field is zero. Servers that follow RFC 5997 §4.2 stay silent to strangers; older ones answer.
 */
export function radiusStatus(): Uint8Array {
  const statusServer = 12;
  const messageAuthenticator = join(bytes(80, 18), fill(16));
  const authenticator = fill(16, 0x48);
  return join(bytes(statusServer, 1), u16(20 + messageAuthenticator.length), authenticator, messageAuthenticator);
}

/** ONC RPC: procedure 0 of a program, which does nothing and needs no login (RFC 5531 §9 and §12). */
export function rpcNull(program: number, version: number): Uint8Array {
  const call = u32(0);
  const rpcVersion = u32(2);
  const nullProcedure = u32(0);
  const noAuthentication = fill(8);
  const head = join(u32(0x484d), call, rpcVersion, u32(program), u32(version), nullProcedure);
  return join(head, noAuthentication, noAuthentication);
}

/**
 * Service Location Protocol: a service request (RFC 2608 §8.1) for a type nobody offers. A request to one host is
 * answered also when nothing matches (§7), here with twenty bytes; a list of all services is what amplifies.
 */
export function slpRequest(): Uint8Array {
  const nobody = fill(2);
  const scope = counted16(ascii('DEFAULT'));
  const body = join(nobody, counted16(ascii('service:x-harbormaster')), scope, fill(2), fill(2));
  const language = counted16(ascii('en'));
  const length = 12 + language.length + body.length;
  return join(bytes(2, 1), u24(length), u16(0), u24(0), u16(0x484d), language, body);
}
