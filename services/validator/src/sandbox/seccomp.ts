import {
  ABSENT_CALLS,
  BOUNDED_CALLS,
  CLONE_CALL,
  CLONE3_CALL,
  DENIED_CALLS,
  NAMESPACE_CALLS,
  NEW_NAMESPACES,
  SOCKET_CALL,
  SOCKET_FAMILIES,
} from './seccomp-calls.ts';

/** Where the numbers of a machine stand in the tables, and what the kernel calls it. */
const MACHINES = { x64: { column: 0, audit: 0xc000003e }, arm64: { column: 1, audit: 0xc00000b7 } } as const;
/** Numbers from here on are the x32 interface of x64, through which the list could be passed by. */
const X32_BIT = 0x40000000;

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const GREATER = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (number: number): number => 0x00050000 + number;
const EPERM = errno(1);
const ENOSYS = errno(38);
const EAFNOSUPPORT = errno(97);

/** Of struct seccomp_data. */
const NUMBER_AT = 0;
const ARCH_AT = 4;
const lowHalf = (argument: number): number => 16 + argument * 8;
const highHalf = (argument: number): number => lowHalf(argument) + 4;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number];

/** Sockets of these families. */
const oneOf = (families: readonly number[]): Instruction[] => [
  [LOAD, 0, 0, lowHalf(0)],
  ...families.map((family, index): Instruction => [EQUAL, families.length - index, 0, family]),
  [RETURN, 0, 0, EAFNOSUPPORT],
  [RETURN, 0, 0, ALLOW],
];
/** Streams of AF_UNIX and AF_INET; the type's upper bits are flags. */
const STREAMS: readonly Instruction[] = [
  [LOAD, 0, 0, lowHalf(1)],
  [AND, 0, 0, 0xf],
  [EQUAL, 0, 3, 1],
  [LOAD, 0, 0, lowHalf(0)],
  [EQUAL, 2, 0, 1],
  [EQUAL, 1, 0, 2],
  [RETURN, 0, 0, EAFNOSUPPORT],
  [RETURN, 0, 0, ALLOW],
];

/** Of a box without namespaces of its own, which shares the network of the machine. */
export interface SharedNamespaces {
  /** Streams over Unix sockets and IPv4, to reach a proxy; otherwise no socket at all. */
  readonly streams: boolean;
}

/**
 * A small deny list on top of the namespaces, or, with `shared`, in their place, compiled as `bwrap --seccomp` reads it; null on a machine whose numbers are
 * not listed.
 */
export function seccompFilter(arch: string, shared: SharedNamespaces | null = null): Buffer | null {
  if (arch !== 'x64' && arch !== 'arm64') return null;
  const { column, audit } = MACHINES[arch];
  /** The block runs for one number alone, and always returns. */
  const when = (number: number, block: readonly Instruction[]): Instruction[] => [
    [EQUAL, 0, block.length, number],
    ...block,
  ];
  const program: Instruction[] = [
    [LOAD, 0, 0, ARCH_AT],
    [EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER_AT],
    ...(arch === 'x64'
      ? ([
          [AT_LEAST, 0, 1, X32_BIT],
          [RETURN, 0, 0, EPERM],
        ] as const)
      : []),
    ...when(SOCKET_CALL[column], shared === null ? oneOf(SOCKET_FAMILIES) : shared.streams ? STREAMS : oneOf([])),
    ...(shared === null
      ? []
      : [
          ...when(CLONE_CALL[column], [
            [LOAD, 0, 0, lowHalf(0)],
            [AND, 0, 0, NEW_NAMESPACES],
            [EQUAL, 1, 0, 0],
            [RETURN, 0, 0, EPERM],
            [RETURN, 0, 0, ALLOW],
          ]),
          ...when(CLONE3_CALL[column], [[RETURN, 0, 0, ENOSYS]]),
          ...Object.values(NAMESPACE_CALLS).flatMap((numbers) => when(numbers[column], [[RETURN, 0, 0, EPERM]])),
        ]),
    ...Object.values(BOUNDED_CALLS).flatMap(({ numbers, argument, most }) =>
      when(numbers[column], [
        [LOAD, 0, 0, highHalf(argument)],
        [EQUAL, 0, 2, 0],
        [LOAD, 0, 0, lowHalf(argument)],
        [GREATER, 0, 1, most],
        [RETURN, 0, 0, EPERM],
        [RETURN, 0, 0, ALLOW],
      ]),
    ),
    ...Object.values(ABSENT_CALLS).flatMap((numbers) => when(numbers[column], [[RETURN, 0, 0, ENOSYS]])),
    ...Object.values(DENIED_CALLS).flatMap((numbers) => when(numbers[column], [[RETURN, 0, 0, EPERM]])),
    [RETURN, 0, 0, ALLOW],
  ];
  const filter = Buffer.alloc(program.length * 8);
  program.forEach(([code, whenTrue, whenFalse, value], index) => {
    filter.writeUInt16LE(code, index * 8);
    filter.writeUInt8(whenTrue, index * 8 + 2);
    filter.writeUInt8(whenFalse, index * 8 + 3);
    filter.writeUInt32LE(value, index * 8 + 4);
  });
  return filter;
}
