# Takes rights away from itself and then becomes the command: no new privileges, a Landlock domain over the file system
# (and over TCP ports), a system call filter. Perl, because every Debian has it and it can make system calls.
# landlock.pl FILTER-IN-HEX PORT READ-ONLY... -- WRITABLE... -- COMMAND...
use strict;
use warnings;

my ($prctl, $seccomp) = `/bin/uname -m` =~ /x86_64/ ? (157, 317) : (167, 277);
my ($create, $add, $restrict) = (444, 445, 446);
my $filter = pack "H*", shift @ARGV;
my $port = shift @ARGV;
my (@read, @write);
push @read, shift @ARGV while $ARGV[0] ne "--";
shift @ARGV;
push @write, shift @ARGV while $ARGV[0] ne "--";
shift @ARGV;

sub fail { print STDERR "landlock: $_[0]: $!\n"; exit 70; }

my $abi = syscall $create, 0, 0, 1;
fail("the kernel has no Landlock") if $abi < 1;
fail("Landlock of version 4 is needed, the kernel has $abi") if $abi < 4;

# Read a file, read a folder, execute; and everything that the version knows: rights on files alone are fewer.
my ($READ, $ALL) = (0x0d, $abi >= 5 ? 0xffff : 0x7fff);
my $FILE_ONLY = 0x0007 | 0x4000 | ($abi >= 5 ? 0x8000 : 0);
# Every file right is handled, TCP bind and connect, and from version 6 on signals and abstract sockets.
my $attributes = $abi >= 6 ? pack("QQQ", $ALL, 3, 3) : pack("QQ", $ALL, 3);
my $ruleset = syscall $create, $attributes, length $attributes, 0;
fail("no rules can be made") if $ruleset < 0;

sub allow {
  my ($path, $rights) = @_;
  # O_PATH | O_CLOEXEC
  return unless sysopen my $file, $path, 010000000 | 02000000;
  my $rule = pack "Ql", -d $file ? $rights : $rights & $FILE_ONLY, fileno $file;
  syscall($add, $ruleset, 1, $rule, 0) == 0 or fail("no rule for $path");
}
allow($_, $READ) for @read;
allow($_, $ALL) for @write;
if ($port) {
  my $rule = pack "QQ", 3, $port;
  syscall($add, $ruleset, 2, $rule, 0) == 0 or fail("no rule for port $port");
}
syscall($prctl, 38, 1, 0, 0, 0) == 0 or fail("no_new_privs");
# PR_SET_PDEATHSIG: ends with the validator.
syscall($prctl, 1, 9, 0, 0, 0) == 0 or fail("pdeathsig");
syscall($restrict, $ruleset, 0) == 0 or fail("Landlock");
if (length $filter) {
  my $program = pack "Sx6P", length($filter) / 8, $filter;
  syscall($seccomp, 1, 0, $program) == 0 or fail("seccomp");
}
exec { $ARGV[0] } @ARGV or do { print STDERR "$ARGV[0]: $!\n"; exit 127 };
