# A sequence diagram, as Mermaid and as SVG.
#
# It has lifelines, in their order from left to right, each with an id, a
# label, and whether it is a client's (round); events, in their order from top
# to bottom, each with a time in seconds, a text, and from whom to whom (the
# same twice: a note); ends, when a lifeline ends; and spans, in which somebody
# is awake, or holds the lock.

package Diagram;

use strict;
use warnings;

my $CHAR = 6.7;		# pixels, of 11-pixel letters that are all as wide
my $ROW = 22;		# pixels
my $TOP = 64;
my $LEFT = 76;		# of the first lifeline, for times
my $LONGEST = 44;	# letters, of a text

sub new {
	my ($class) = @_;
	return bless { lifelines => [], events => [], spans => [], ends => {} },
	    $class;
}

sub lifeline {
	my ($self, $id, $label, %how) = @_;
	push @{$self->{lifelines}}, { id => $id, label => $label, %how };
}

sub event {
	my ($self, $time, $from, $to, $text, %how) = @_;
	push @{$self->{events}}, { time => $time, from => $from, to => $to,
	    text => $text, %how };
}

sub span {
	my ($self, $who, $kind, $from, $to) = @_;
	push @{$self->{spans}}, { who => $who, kind => $kind, from => $from,
	    to => $to };
}

sub ends { my ($self, $who, $time) = @_; $self->{ends}{$who} = $time }

# Order events by time; drop those outside of these seconds after the first,
# and lifelines that nothing happens to.
sub settle {
	my ($self, $from, $to) = @_;
	my @all = sort { $a->{time} <=> $b->{time} } @{$self->{events}};

	return $self if !@all;
	my $first = $all[0]{time};
	@all = grep { $_->{time} - $first >= ($from // 0) &&
	    $_->{time} - $first <= ($to // 1e9) } @all;
	my %used = map { $_->{from} => 1, $_->{to} => 1 } @all;
	$self->{events} = \@all;
	$self->{lifelines} = [grep { $used{$_->{id}} } @{$self->{lifelines}}];
	$self->{spans} = [grep { $used{$_->{who}} } @{$self->{spans}}];
	return $self;
}

sub microseconds {
	my ($self, $event) = @_;
	return sprintf '%.0f', ($event->{time} - $self->{events}[0]{time}) * 1e6;
}

sub shorten {
	my ($text) = @_;
	return length $text <= $LONGEST ? $text :
	    substr($text, 0, $LONGEST - 1) . "\x{2026}";
}

# ---- Mermaid ----

sub for_mermaid {
	my ($text) = @_;

	$text =~ s/([#;<>])/'#' . ord($1) . ';'/ge;
	$text =~ s/"/#quot;/g;
	return $text;
}

sub mermaid {
	my ($self) = @_;
	my $out = "sequenceDiagram\n";
	my %id = map { $_->{id} => $_->{id} =~ s/^(?=\d)/p/r }
	    @{$self->{lifelines}};

	for (@{$self->{lifelines}}) {
		$out .= sprintf "    %s %s as %s\n", $_->{round} ? 'actor' :
		    'participant', $id{$_->{id}}, for_mermaid($_->{label});
	}
	for my $e (@{$self->{events}}) {
		my $text = for_mermaid(shorten($e->{text}));
		$text = '+' . $self->microseconds($e) . " $text"
		    if !$self->{untimed};
		my ($from, $to) = @id{@$e{qw(from to)}};
		$out .= $from eq $to ? "    Note over $from: $text\n" :
		    "    $from" . ($e->{dashed} ? '-->>' : '->>') .
		    "$to: $text\n";
	}
	return $out;
}

# ---- SVG ----

# The x of each lifeline: far enough apart for every text between them.
sub columns {
	my ($self) = @_;
	my @lines = @{$self->{lifelines}};
	my %at = map { $lines[$_]{id} => $_ } 0 .. $#lines;
	my @gap = map { 0 } @lines;	# to the right of each

	for my $i (0 .. $#lines) {
		my $half = (length($lines[$i]{label}) * $CHAR + 20) / 2;
		$gap[$i] = $half if $gap[$i] < $half;
		next if $i == 0;
		my $both = $half + 8 + (length($lines[$i - 1]{label}) *
		    $CHAR + 20) / 2;
		$gap[$i - 1] = $both if $gap[$i - 1] < $both;
	}
	my @wants = map {
		my ($a, $b) = sort { $a <=> $b } @at{@$_{qw(from to)}};
		my $width = length(shorten($_->{text})) * $CHAR;
		[$a, $b == $a ? $a : $b - 1, $width + 26]
	} @{$self->{events}};
	for my $want (sort { $a->[1] - $a->[0] <=> $b->[1] - $b->[0] } @wants) {
		my ($a, $b, $width) = @$want;
		my $has = 0;
		$has += $gap[$_] for $a .. $b;
		next if $has >= $width;
		$gap[$_] += ($width - $has) / ($b - $a + 1) for $a .. $b;
	}
	my $x = $LEFT + (@lines ? length($lines[0]{label}) * $CHAR / 2 : 0);
	my %x;
	for my $i (0 .. $#lines) {
		$x{$lines[$i]{id}} = int $x;
		$x += $gap[$i];
	}
	return (int($x) + 12, %x);
}

sub for_xml {
	my ($text) = @_;

	$text =~ s/&/&amp;/g;
	$text =~ s/</&lt;/g;
	$text =~ s/>/&gt;/g;
	return $text;
}

# Where a time is, from top to bottom, between the rows of two events.
sub y_of_time {
	my ($self, $time) = @_;
	my $before = grep { $_->{time} < $time } @{$self->{events}};
	return $TOP + $before * $ROW - $ROW / 2;
}

sub svg_text {
	my ($x, $y, $text, $more) = @_;
	return sprintf qq{<text x="%d" y="%d"%s>%s</text>\n}, $x, $y,
	    $more // '', for_xml($text);
}

sub svg_lifeline {
	my ($self, $line, $x, $bottom) = @_;
	my $width = int(length($line->{label}) * $CHAR) + 16;
	my $end = $self->{ends}{$line->{id}};
	my $to = defined $end ? $self->y_of_time($end) + $ROW / 2 : $bottom;

	$to = $bottom if $to > $bottom;
	my $out = sprintf qq{<rect x="%d" y="14" width="%d" height="24" } .
	    qq{rx="%d" class="head"/>\n}, $x - $width / 2, $width,
	    $line->{round} ? 12 : 2;
	$out .= svg_text($x, 30, $line->{label},
	    ' text-anchor="middle" font-weight="bold"');
	$out .= sprintf qq{<line x1="%d" y1="38" x2="%d" y2="%d" } .
	    qq{class="life"/>\n}, $x, $x, $to;
	$out .= sprintf qq{<path d="M%d,%d l10,10 m0,-10 l-10,10" } .
	    qq{class="end"/>\n}, $x - 5, $to - 5
	    if defined $end && $to < $bottom;
	return $out;
}

sub svg_span {
	my ($self, $span, $x, $bottom) = @_;
	my ($from, $to) = map { $self->y_of_time($_) } @$span{qw(from to)};
	my $half = $span->{kind} eq 'lock' ? 5 : 3;

	$from = 44 if $from < 44;
	$to = $bottom if $to > $bottom;
	return '' if $to <= $from;
	return sprintf qq{<rect x="%d" y="%d" width="%d" height="%d" } .
	    qq{class="%s"/>\n}, $x - $half, $from, 2 * $half, $to - $from,
	    $span->{kind};
}

sub svg_event {
	my ($event, $y, $x) = @_;
	my ($from, $to) = @$x{@$event{qw(from to)}};
	my $text = shorten($event->{text});

	if ($from == $to) {
		return sprintf(qq{<circle cx="%d" cy="%d" r="3"/>\n}, $from,
		    $y - 4) . svg_text($from + 9, $y, $text, ' class="over"');
	}
	my $tip = $to > $from ? -7 : 7;
	return sprintf(qq{<line x1="%d" y1="%d" x2="%d" y2="%d" class="%s"/>} .
	    qq{<path d="M%d,%d l%d,-4 v8 z"/>\n}, $from, $y, $to, $y,
	    $event->{dashed} ? 'reply' : 'call', $to, $y, $tip) .
	    svg_text(($from + $to) / 2, $y - 5, $text,
	    ' text-anchor="middle" class="over"');
}

my $STYLE = <<'END';
<style>
text { font: 11px "DejaVu Sans Mono", "Liberation Mono", monospace }
.over { paint-order: stroke; stroke: white; stroke-width: 2px }
.time { fill: #777; font-size: 9px }
.head { fill: #eef2f8; stroke: #456 }
.life { stroke: #aab; stroke-dasharray: 4 3 }
.end { stroke: #b00; stroke-width: 2; fill: none }
.awake { fill: #cfe3f7; stroke: #7a9cc0 }
.lock { fill: #f4b860; stroke: #a8650a }
.call { stroke: #235; stroke-width: 1.2 }
.reply { stroke: #235; stroke-dasharray: 5 3 }
</style>
END

# What the boxes on the lifelines are, if there are any.
sub svg_legend {
	my ($self, $y) = @_;
	my %kinds = map { $_->{kind} => 1 } @{$self->{spans}};
	my ($x, $out) = (16, '');

	for (['awake', 'awake'], ['lock', 'holds the lock']) {
		my ($kind, $text) = @$_;
		next if !$kinds{$kind};
		$out .= sprintf qq{<rect x="%d" y="%d" width="10" height="10" } .
		    qq{class="%s"/>\n}, $x, $y - 9, $kind;
		$out .= svg_text($x + 15, $y, $text);
		$x += 40 + length($text) * $CHAR;
	}
	return $out;
}

sub svg {
	my ($self) = @_;
	my ($width, %x) = $self->columns;
	my @events = @{$self->{events}};
	my $bottom = $TOP + @events * $ROW;
	my $height = $bottom + 30;

	$width = 260 if $width < 260;
	my $out = qq{<svg xmlns="http://www.w3.org/2000/svg" width="$width" } .
	    qq{height="$height" viewBox="0 0 $width $height">\n$STYLE} .
	    qq{<rect width="100%" height="100%" fill="white"/>\n};
	$out .= svg_text(6, 30, $self->{untimed} ? 'step' : "\x{b5}s",
	    ' class="time"');
	$out .= $self->svg_lifeline($_, $x{$_->{id}}, $bottom)
	    for @{$self->{lifelines}};
	for my $kind (qw(awake lock)) {
		$out .= $self->svg_span($_, $x{$_->{who}}, $bottom)
		    for grep { $_->{kind} eq $kind } @{$self->{spans}};
	}
	for my $i (0 .. $#events) {
		my $y = $TOP + $i * $ROW;
		$out .= svg_text(6, $y, $self->{untimed} ? $events[$i]{time} :
		    '+' . $self->microseconds($events[$i]), ' class="time"');
		$out .= svg_event($events[$i], $y, \%x);
	}
	$out .= $self->svg_legend($bottom + 20);
	return "$out</svg>\n";
}

1;
