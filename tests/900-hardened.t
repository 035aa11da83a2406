#!/usr/bin/env perl
#
# Goal: the binaries are as hardened as their flags say: a compiler or linker
# may leave out what the Makefile requests.

use strict;
use warnings;
use Test::More;

my @programs = grep { -e }
    qw(chatserv/chatserv chatc/chatc contrib/chatstat/chatstat);
my $flags = do {
	local (@ARGV, $/) = ('.flags');
	-e $ARGV[0] ? <> : '';
};
my %asked = (
	pie => $flags =~ /\s-pie\s/ && $flags !~ /\s-(?:no-pie|static)\b/,
	now => $flags =~ /-z,relro,-z,now/ && $flags !~ /-z,lazy|\s-static\b/,
	checks => $flags =~ /-D_FORTIFY_SOURCE=[23]/ && $flags =~ /\s-O[1-3s]/ &&
	    $flags !~ /-static\b|-U_FORTIFY_SOURCE|\smusl-gcc/,
	stack => $flags =~ /-fstack-protector-strong/ &&
	    $flags !~ /-fno-stack-protector|\s-s\b/,
);

plan skip_all => 'no readelf here'
    if system('readelf --version >/dev/null 2>&1') != 0;
plan skip_all => 'these are not ELF files'
    if system("readelf -h @programs >/dev/null 2>&1") != 0;

for my $program (@programs) {
	my $elf = qx(readelf -W -h -l -d -s $program);

	ok($elf =~ /GNU_STACK\s+(?:0x\S+\s+){5}RW\s/,
	    "$program has a stack that is not executable");
	SKIP: {
		skip 'not built with -pie', 1 if !$asked{pie};
		ok($elf =~ /Type:\s+DYN /,
		    "$program can be loaded at any address");
	}
	SKIP: {
		skip 'not linked with -z relro, -z now', 2 if !$asked{now};
		ok($elf =~ /GNU_RELRO/,
		    "$program has its tables of addresses read-only");
		ok($elf =~ /FLAGS.*\bNOW\b/,
		    "$program is bound before it forks");
	}
	SKIP: {
		skip 'not built with -D_FORTIFY_SOURCE, or by a libc without',
		    1 if !$asked{checks} || $elf !~ /GLIBC/;
		ok($elf =~ /__(?:mem|str|vs?n?printf|read|ppoll|\w+)_chk\b/,
		    "$program checks the sizes of what it copies to");
	}
	SKIP: {
		skip 'not built with -fstack-protector-strong, or stripped', 1
		    if !$asked{stack};
		ok($elf =~ /__stack_chk_fail/,
		    "$program protects its stack");
	}
}

done_testing();
