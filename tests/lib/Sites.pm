# The places where a file of C can be broken: each statement, which can be
# deleted, and each condition of an if or a loop, which can be negated.
#
# It parses C in the form of this tree: a function's name starts a line, as do
# the braces around its body.  An assert(3) is no site, since its condition is
# true; nor is the last return of a function, since the compiler would warn.

package Sites;

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);

# The text with blanks for everything that is no code, each byte in its place.
sub code {
	my ($text) = @_;
	my $blank = sub { $_[0] =~ s/[^\n]/ /gr };

	$text =~ s{(/\*.*?\*/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+')|
	    (^\#(?:[^\n\\]|\\.)*)}{
		defined $2 ? substr($2, 0, 1) . 'q' x (length($2) - 2) .
		    substr($2, -1) : $blank->($1 // $3)
	}gemsx;
	return $text;
}

# The text without comments and line breaks.
sub bare {
	my ($text) = @_;
	return $text =~ s{/\*.*?\*/}{}gsr =~ s/\s+/ /gr;
}

# All sites of a file's text, in their order: hashes of kind (delete, negate),
# function and a digest of its code, start and length in the text, line, and
# text without line breaks.
sub of {
	my ($text) = @_;
	my $self = bless { text => $text, code => code($text), sites => [] };

	while ($self->{code} =~ /^(\w+)\([^;{}]*?\)\n\{\n(.*?)^\}\n/gms) {
		my ($from, $to) = ($-[2], $+[2]);
		$self->{function} = $1;
		$self->{end} = $to;
		$self->{digest} = md5_hex(bare(substr $text, $-[0],
		    $to - $-[0]));
		my $at = $from;
		$at = $self->statement($at) while $at < $to;
	}
	my (%count, @all);
	for my $site (sort { $a->{start} <=> $b->{start} } @{ $self->{sites} }) {
		next if $site->{end} && $site->{text} =~ /^return\b/;
		my $n = ++$count{"@$site{qw(function kind text)}"};
		$site->{text} .= " #$n" if $n > 1;
		push @all, $site;
	}
	return @all;
}

sub skip_blank {
	my ($self, $at) = @_;
	pos($self->{code}) = $at;
	$self->{code} =~ /\G\s*/gc;
	return pos $self->{code};
}

# After the bracket that closes the one here.
sub behind_bracket {
	my ($self, $at) = @_;
	my $depth = 0;

	pos($self->{code}) = $at;
	while ($self->{code} =~ /([(){}\[\]])/g) {
		$depth += $1 =~ /[({\[]/ ? 1 : -1;
		return pos $self->{code} if $depth == 0;
	}
	die "a bracket stays open in $self->{function}\n";
}

# After the semicolon that ends this.
sub behind_semicolon {
	my ($self, $at) = @_;

	for (;;) {
		pos($self->{code}) = $at;
		$self->{code} =~ /[({\[;]/g or
		    die "no semicolon in $self->{function}\n";
		$at = pos $self->{code};
		return $at if substr($self->{code}, $at - 1, 1) eq ';';
		$at = $self->behind_bracket($at - 1);
	}
}

sub add {
	my ($self, $kind, $start, $end, %more) = @_;
	my $text = substr $self->{text}, $start, $end - $start;

	push @{ $self->{sites} }, { kind => $kind, start => $start,
	    length => $end - $start, function => $self->{function},
	    digest => substr($self->{digest}, 0, 8),
	    line => 1 + (substr($self->{text}, 0, $start) =~ tr/\n//),
	    text => bare($text), %more };
}

sub condition {
	my ($self, $start, $end) = @_;

	$start = $self->skip_blank($start);
	$self->add('negate', $start, $end) if $start < $end;
}

# The three parts of a for; the middle one is a condition.
sub for_head {
	my ($self, $open, $close) = @_;
	my $first = $self->behind_semicolon($open + 1);
	my $second = $self->behind_semicolon($first);

	$self->condition($first, $second - 1);
	return $close;
}

# Take one statement, with all that is in it; returns where the next is.
sub statement {
	my ($self, $at) = @_;

	$at = $self->skip_blank($at);
	return $at if $at >= $self->{end};
	my ($word) = substr($self->{code}, $at, 64) =~ /^(\w+)/;
	$word //= substr $self->{code}, $at, 1;
	if ($word eq '{') {
		my $close = $self->behind_bracket($at);
		$at++;
		$at = $self->statement($at)
		    while $self->skip_blank($at) < $close - 1;
		return $close;
	}
	return $self->statement($at + length $1)
	    if substr($self->{code}, $at, 512) =~
	    /^(else\b|(?:case\b[^:]*|default|\w+)\s*:(?!:))/ ;
	return $self->do_while($at) if $word eq 'do';
	if ($word =~ /^(?:if|for|while|switch|\w+FOREACH\w*)$/) {
		my $open = $self->skip_blank($at + length $word);
		my $close = $self->behind_bracket($open);
		$self->condition($open + 1, $close - 1)
		    if $word eq 'if' || $word eq 'while';
		$self->for_head($open, $close) if $word eq 'for';
		return $self->statement($close);
	}
	return $self->simple($at);
}

sub do_while {
	my ($self, $at) = @_;
	my $behind = $self->skip_blank($self->statement($at + 2));
	my $open = $self->skip_blank($behind + length 'while');
	my $close = $self->behind_bracket($open);

	$self->condition($open + 1, $close - 1);
	return $self->behind_semicolon($close);
}

# An expression, a jump or a declaration.
sub simple {
	my ($self, $at) = @_;
	my $end = $self->behind_semicolon($at);
	my $code = substr $self->{code}, $at, $end - $at;

	my $jump = $code =~ /^(?:return|goto|break|continue)\b/;
	my $declares = !$jump && $code =~ /^\w+\b[\s*]+\w/;
	my $idle = $code =~ /^(?:_Static_)?assert\(|^\(void\)\w+;|^;/;
	my $last = $self->skip_blank($end) >= $self->{end};
	$self->add('delete', $at, $end, $last ? (end => 1) : ())
	    if !$declares && !$idle;
	return $end;
}

# The text with this site broken; later code keeps its lines.
sub break {
	my ($text, $site) = @_;
	my $old = substr $text, $site->{start}, $site->{length};
	my $lines = $old =~ s/[^\n]//gr;

	substr($text, $site->{start}, $site->{length}) =
	    $site->{kind} eq 'delete' ? ";$lines" : "!($old)";
	return $text;
}

# The text in which each site reports by its number that it is reached.
sub watch {
	my ($text, @sites) = @_;

	for my $site (reverse @sites) {
		my $old = substr $text, $site->{start}, $site->{length};
		substr($text, $site->{start}, $site->{length}) =
		    $site->{kind} eq 'delete' ?
		    "{ site_reached($site->{number}); $old }" :
		    "(site_reached($site->{number}), ($old))";
	}
	return $text;
}

1;
