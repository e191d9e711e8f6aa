import { AF_INET6 } from '../ffi/layout.ts';
import { ACK, RST, SYN, TCP } from './layout.ts';
import type { PortRange } from './portRange.ts';

/** struct sock_filter (linux/filter.h): code, jump if true, jump if false, operand. */
type Instruction = readonly [code: number, yes: number, no: number, operand: number];

/** BPF's instruction codes (linux/bpf_common.h). */
const LOAD_HALF = 0x48; // A = half word at X + k
const LOAD_BYTE = 0x50; // A = byte at X + k
const LOAD_X = 0x01; // X = k
const LOAD_X_HEADER = 0xb1; // X = 4 * (byte at k & 0xf): the length of an IPv4 header
const JUMP_GREATER_EQUAL = 0x35;
const JUMP_GREATER = 0x25;
const JUMP_SET = 0x45;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;

const INSTRUCTION_SIZE = 8;
/** Headers are all that matters. */
const KEPT_BYTES = 128;

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * INSTRUCTION_SIZE);
  for (const [index, [code, yes, no, operand]] of program.entries()) {
    const at = index * INSTRUCTION_SIZE;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(yes, at + 2);
    bytes.writeUInt8(no, at + 3);
    bytes.writeUInt32LE(operand, at + 4);
  }
  return bytes;
}

/**
 * A classic BPF program that lets through what can be an answer to a SYN from the range: TCP segments to one of its
 * ports with SYN and ACK, or with RST. A raw IPv4 socket sees the IP header, an IPv6 one does not (raw(7), ipv6(7)).
 */
export function answersOnly(family: number, { low, high }: PortRange): Buffer {
  const greeting = SYN | ACK;
  return encode([
    family === AF_INET6 ? [LOAD_X, 0, 0, 0] : [LOAD_X_HEADER, 0, 0, 0],
    [LOAD_HALF, 0, 0, TCP.destination],
    [JUMP_GREATER_EQUAL, 0, 6, low],
    [JUMP_GREATER, 5, 0, high],
    [LOAD_BYTE, 0, 0, TCP.flags],
    [JUMP_SET, 2, 0, RST],
    [AND, 0, 0, greeting],
    [JUMP_EQUAL, 0, 1, greeting],
    [RETURN, 0, 0, KEPT_BYTES],
    [RETURN, 0, 0, 0],
  ]);
}

export const instructionsIn = (program: Buffer) => program.length / INSTRUCTION_SIZE;
