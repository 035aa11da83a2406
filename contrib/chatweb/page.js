// The page's half of chatproto(7): TSV lines over a WebSocket.  Everything
// that others said is shown by textContent alone.
'use strict';

const KEPT = 2000;		// messages on the page
const PAUSE_MOST = 30000;	// ms between two attempts to connect
const $ = (id) => document.getElementById(id);
const log = $('log');

let socket = null;
let me = '';			// one's name, while in the room
let wanted = '';		// the name that was asked for
let token = '';			// which takes the name back
let room = '';			// the room that `last` is a place in
let last = '';			// the last ID that was shown
let pause = 0;
let over = '';			// why not to come back
let to = '';			// to whom alone one speaks
let unread = 0;
const people = new Set();

// ---- what is shown ----

// One hue for each name, the same on every page.
function hue(name) {
	let h = 0;
	for (const c of name.toLowerCase())
		h = (h * 31 + c.codePointAt(0)) % 360;
	return h;
}

function nameOf(name) {
	const b = document.createElement('b');
	b.textContent = name;
	b.style.color = `hsl(${hue(name)} 60% var(--hues))`;
	return b;
}

// Text, in which only what is surely an address becomes a link.
function textOf(text) {
	const span = document.createElement('span');
	span.className = 'text';
	let at = 0;
	for (const m of text.matchAll(/https?:\/\/[^\s<>"'`]+[^\s<>"'`.,:;!?)\]]/g)) {
		span.append(text.slice(at, m.index));
		const a = document.createElement('a');
		a.textContent = m[0];
		a.href = m[0];
		a.rel = 'noopener noreferrer nofollow';
		a.target = '_blank';
		span.append(a);
		at = m.index + m[0].length;
	}
	span.append(text.slice(at));
	return span;
}

function atEnd() {
	return log.scrollHeight - log.scrollTop - log.clientHeight < 40;
}

function toEnd() {
	log.scrollTop = log.scrollHeight;
	$('down').hidden = true;
}

// Add a line; id tells its time, or is '-'.
function show(kind, id, ...parts) {
	const stay = !atEnd();
	const li = document.createElement('li');
	const time = document.createElement('time');
	const when = /^\d+$/.test(id) ? new Date(Number(id) / 1000) : new Date();
	time.textContent = when.toLocaleTimeString([],
	    { hour: '2-digit', minute: '2-digit' });
	time.dateTime = when.toISOString();
	li.className = kind;
	li.append(time, ...parts);
	log.append(li);
	while (log.childElementCount > KEPT)
		log.firstElementChild.remove();
	if (stay)
		$('down').hidden = false;
	else
		toEnd();
}

function state(text) {
	$('state').textContent = text;
}

function showPeople() {
	const rows = [...people].sort((a, b) => a.localeCompare(b));
	$('count').textContent = rows.length;
	$('people').replaceChildren(...rows.map((name) => {
		const li = document.createElement('li');
		const button = document.createElement('button');
		button.type = 'button';
		button.append(nameOf(name));
		if (name === me) {
			button.append(' (you)');
			button.disabled = true;
		} else {
			button.title = `to ${name} alone`;
			button.addEventListener('click', () => address(name));
		}
		li.append(button);
		return li;
	}));
}

// Speak to one alone from now on; '' is everybody.
function address(name) {
	to = name;
	$('to').hidden = name === '';
	$('to').textContent = `to ${name} ×`;
	$('to').setAttribute('aria-label', `to ${name} alone; press to end`);
	$('line').focus();
}

function notice(title, text) {
	if (!document.hidden)
		return;
	unread++;
	document.title = `(${unread}) chat`;
	if ($('bell').getAttribute('aria-pressed') === 'true')
		new Notification(title, { body: text, tag: 'chat' });
}

document.addEventListener('visibilitychange', () => {
	if (document.hidden)
		return;
	unread = 0;
	document.title = 'chat';
});

// ---- what comes ----

// By kind: (name, text, id).
const heard = {
	room(name, text) {
		room = text;
	},
	hello(name, text) {
		me = name;
		token = text;
		people.clear();
		people.add(name);
		pause = 0;
		send('!who');
		$('enter').hidden = true;
		$('say').hidden = false;
		$('why').textContent = '';
		state(`you are ${name}`);
		$('line').focus();
	},
	who(name) {
		if (name !== '')
			people.add(name);
		showPeople();
	},
	msg(name, text, id) {
		show(name === me ? 'own' : '', id, nameOf(name), ' ',
		    textOf(text));
		if (name !== me)
			notice(name, text);
	},
	me(name, text, id) {
		show(name === me ? 'own' : '', id, '* ', nameOf(name), ' ',
		    textOf(text));
	},
	priv(name, text, id) {
		const [from, dest] = name.split('>');
		show('priv', id, nameOf(from), ' to ', nameOf(dest), ': ',
		    textOf(text));
		if (from !== me)
			notice(`${from}, to you alone`, text);
	},
	join(name, text, id) {
		people.add(name);
		showPeople();
		show('quiet', id, nameOf(name), ' came in');
	},
	leave(name, text, id) {
		people.delete(name);
		if (to === name)
			address('');
		showPeople();
		show('quiet', id, nameOf(name), ` left (${text})`);
	},
	name(name, text, id) {
		people.delete(name);
		people.add(text);
		if (name === me) {
			me = text;
			state(`you are ${text}`);
		}
		if (to === name)
			address(text);
		showPeople();
		show('quiet', id, nameOf(name), ' is now ', nameOf(text));
	},
	lost(name, text, id) {
		show('alert', id, `${text} messages were lost`);
	},
	info(name, text, id) {
		if (me !== '')
			show('quiet', id, text);
	},
	err(name, text, id) {
		if (me !== '') {
			show('alert', id, text);
			return;
		}
		$('why').textContent = text;
		$('enter').hidden = false;
		$('name').focus();
	},
	bye(name, text) {
		show('quiet', '-', `goodbye (${text})`);
		if (/^(quit|replaced|killed)/.test(text))
			over = text;
	},
};

function line(text) {
	const field = text.split('\t');
	if (field.length < 4)
		return;
	const [id, kind, name] = field;
	if (!Object.hasOwn(heard, kind))
		return;
	heard[kind](name, field.slice(3).join('\t'), id);
	if (/^\d+$/.test(id))
		last = id;
}

// ---- the connection ----

function send(text) {
	if (socket !== null && socket.readyState === WebSocket.OPEN)
		socket.send(text);
}

function enter(name) {
	wanted = name;
	if (last !== '')
		send(`!since ${last}${room === '' ? '' : ' ' + room}`);
	else
		send('!last 50');
	if (token !== '')
		send(`!token ${token}`);
	send(name);
}

function connect() {
	const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
	socket = new WebSocket(`${scheme}//${location.host}/room`);
	state('connecting');
	socket.addEventListener('open', () => {
		state('connected: say your name to come in');
		if (wanted !== '')
			enter(wanted);
		else
			$('name').focus();
	});
	socket.addEventListener('message', (event) => {
		for (const text of event.data.split('\n'))
			line(text);
	});
	socket.addEventListener('close', () => {
		socket = null;
		if (me === '')
			wanted = '';
		else
			wanted = me;
		me = '';
		people.clear();
		showPeople();
		if (over !== '') {
			state(`you have left (${over})`);
			$('say').hidden = true;
			$('enter').hidden = false;
			wanted = token = over = '';
			setTimeout(connect, 1000);
			return;
		}
		pause = Math.min(pause * 2 + 1000, PAUSE_MOST);
		state(`the room is away; trying again in ${pause / 1000} s`);
		setTimeout(connect, pause);
	});
}

// ---- what is typed ----

$('enter').addEventListener('submit', (event) => {
	event.preventDefault();
	const name = $('name').value.trim();
	if (name === '')
		return;
	localStorage.setItem('name', name);
	enter(name);
});

// A line that begins with "!" is text here, as all others are.
function say(text) {
	if (text === '')
		return;
	if (text === '/quit') {
		send('!quit');
	} else if (text.startsWith('/me ')) {
		send(`!me ${text.slice(4)}`);
	} else if (text.startsWith('/name ')) {
		send(`!name ${text.slice(6)}`);
	} else if (/^\/\w/.test(text)) {
		show('alert', '-', 'commands here are /me, /name and /quit; ' +
		    '//text says /text');
		return;
	} else {
		if (text.startsWith('//') || text.startsWith('!'))
			text = text.startsWith('/') ? text.slice(1) : '!' + text;
		send(to === '' ? text : `!msg ${to} ${text}`);
	}
	$('line').value = '';
}

$('say').addEventListener('submit', (event) => {
	event.preventDefault();
	for (const text of $('line').value.split('\n'))
		say(text);
});

$('line').addEventListener('keydown', (event) => {
	if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
		event.preventDefault();
		$('say').requestSubmit();
	} else if (event.key === 'Escape' && to !== '') {
		address('');
	}
});

$('to').addEventListener('click', () => address(''));
$('down').addEventListener('click', toEnd);
log.addEventListener('scroll', () => {
	if (atEnd())
		$('down').hidden = true;
});

if ('Notification' in window && Notification.permission !== 'denied') {
	$('bell').hidden = false;
	$('bell').addEventListener('click', async () => {
		const on = $('bell').getAttribute('aria-pressed') === 'true';
		const may = on ||
		    await Notification.requestPermission() === 'granted';
		$('bell').setAttribute('aria-pressed', String(!on && may));
	});
}

$('name').value = localStorage.getItem('name') ?? '';
connect();
