// The page's half of chatproto(7): TSV lines over a WebSocket.  The page shows
// what others said by textContent only.
//
// It connects when the user gives a name, and reconnects until the user
// leaves; it resumes with the last ID and the token, so that it shows what was
// said meanwhile, under the same name.  A line of the user's counts once the
// room has echoed it; the page shows one that has no echo again, and keeps it.
'use strict';

const KEPT = 2000;		// messages on the page
const LINE_MOST = 4096;		// bytes of a line
const PAUSE_MOST = 30000;	// ms between two attempts to connect
const $ = (id) => document.getElementById(id);
const log = $('log');

let socket = null;
let timer = 0;			// of the next attempt to connect
let refused = 0;		// timer: was only the name refused?
let me = '';			// the user's name, while in the room
let wanted = '';		// the name that was asked for
let token = '';			// by which to take over the name again
let room = '';			// the room in which `last` is a place
let last = '';			// the last ID shown
let pause = 0;
let left = false;		// for good
let to = '';			// the recipient of private messages
let unread = 0;
let day = '';			// the last one shown
const people = new Set();
const said = [];		// lines without an echo
let counts = 0;			// lists of people received
let doubtful = 0;		// lines that an earlier connection sent
const fresh = document.createDocumentFragment();
const clock = new Intl.DateTimeFormat([],
    { hour: '2-digit', minute: '2-digit' });
const calendar = new Intl.DateTimeFormat([], { dateStyle: 'full' });

// ---- display ----

// One hue for each name, the same on every page.
function hue(name) {
	let h = 0;
	for (const c of name.toLowerCase())
		h = (Math.imul(h, 31) + c.codePointAt(0)) >>> 0;
	// Similar names are far apart on the wheel.
	return h % 360 * 137 % 360;
}

function nameOf(name) {
	const b = document.createElement('b');
	b.textContent = name;
	b.style.color = `oklch(var(--hues) ${hue(name)})`;
	return b;
}

// Text, in which only unambiguous addresses become links.
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

function addLine(kind, when, ...parts) {
	const row = document.createElement('p');
	const time = document.createElement('time');
	time.textContent = clock.format(when);
	time.dateTime = when.toISOString();
	row.className = kind;
	row.append(time, ...parts);
	fresh.append(row);
}

// Append a line to the fresh ones; its ID is its time, or '-'.
function show(kind, id, ...parts) {
	const when = /^\d+$/.test(id) ? new Date(Number(id) / 1000) : new Date();
	if (when.toDateString() !== day) {
		day = when.toDateString();
		addLine('quiet', when, calendar.format(when));
	}
	addLine(kind, when, ...parts);
}

// Put the fresh lines on the page, all at once.
function settle() {
	if (!fresh.hasChildNodes())
		return;
	const stay = !atEnd();
	while (fresh.childElementCount > KEPT)
		fresh.firstElementChild.remove();
	log.append(fresh);
	while (log.childElementCount > KEPT)
		log.firstElementChild.remove();
	if (stay)
		$('down').hidden = false;
	else
		toEnd();
}

function complain(...parts) {
	show('alert', '-', ...parts);
	settle();
}

function state(text) {
	$('state').textContent = text;
}

function listPeople() {
	const rows = [...people].sort((a, b) => a.localeCompare(b));
	peopleTimer = 0;
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
			button.title = `private message to ${name}`;
			button.addEventListener('click', () => address(name));
		}
		li.append(button);
		return li;
	}));
}

// Update the list soon, once for several joins and leaves; keep the focus.
let peopleTimer = 0;
function showPeople() {
	if (peopleTimer === 0)
		peopleTimer = setTimeout(() => {
			const focus = $('people').contains(document.activeElement)
			    ? document.activeElement.title : '';
			listPeople();
			if (focus !== '')
				[...$('people').querySelectorAll('button')]
				    .find((b) => b.title === focus)?.focus();
		}, 50);
}

// Send private messages to this name from now on; '': to everybody.
function address(name) {
	to = name;
	$('to').hidden = name === '';
	$('to').textContent = `to ${name} ×`;
	$('to').setAttribute('aria-label',
	    `private messages to ${name}; press to end`);
	$('line').focus();
}

function notice(title, text) {
	if (!document.hidden)
		return;
	unread++;
	document.title = `(${unread}) chat`;
	if ($('bell').getAttribute('aria-pressed') !== 'true')
		return;
	try {
		new Notification(title, { body: text, tag: 'chat' });
	} catch {
		// Some phones allow this only to installed pages.
		$('bell').hidden = true;
	}
}

document.addEventListener('visibilitychange', () => {
	if (document.hidden)
		return;
	unread = 0;
	document.title = 'chat';
	if (timer !== 0)
		connect();
});

// ---- input ----

// A line of the user's has its echo; or, after an error, will have none.
function settled(name) {
	if (name !== me)
		return;
	said.shift();
	doubtful = Math.max(0, doubtful - 1);
}

// All echoes of earlier lines have arrived; return the other lines.
function doubt() {
	const lines = said.splice(0, doubtful);
	doubtful = 0;
	for (const text of lines)
		show('alert', '-', `perhaps nobody got: ${text}`);
	if (lines.length > 0 && $('line').value === '')
		$('line').value = lines.join('\n');
}

// By kind: (name, text, id).
const heard = {
	room(name, text) {
		if (room !== '' && room !== text)
			last = '0';
		room = text;
	},
	hello(name, text) {
		me = name;
		token = text;
		people.clear();
		people.add(name);
		pause = counts = 0;
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
		else if (++counts === 2)	// the first is the welcome's
			doubt();
		showPeople();
	},
	msg(name, text, id) {
		settled(name);
		show(name === me ? 'own' : '', id, nameOf(name), ' ',
		    textOf(text));
		if (name !== me)
			notice(name, text);
	},
	me(name, text, id) {
		settled(name);
		show(name === me ? 'own' : '', id, '* ', nameOf(name), ' ',
		    textOf(text));
		if (name !== me)
			notice(name, text);
	},
	priv(name, text, id) {
		const [from, dest] = name.split('>');
		settled(from);
		show('priv', id, nameOf(from), ' to ', nameOf(dest), ': ',
		    textOf(text));
		if (from !== me)
			notice(`${from}, privately`, text);
	},
	join(name, text, id) {
		people.add(name);
		showPeople();
		show('quiet', id, nameOf(name), ' joined');
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
			settled(name);
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
			settled(me);
			show('alert', id, text);
			return;
		}
		// After a refused name the room stays open; a full one closes.
		refused = setTimeout(() => { wanted = ''; }, 2000);
		$('why').textContent = text;
		$('enter').hidden = false;
		$('name').focus();
	},
	bye(name, text) {
		show('quiet', '-', `goodbye (${text})`);
		left = /^(quit|replaced)/.test(text);
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
	socket?.send(text);
}

function isOpen() {
	return socket !== null && socket.readyState === WebSocket.OPEN;
}

function enter() {
	if (last !== '')
		send(`!since ${last}${room === '' ? '' : ' ' + room}`);
	else
		send('!last 50');
	if (token !== '')
		send(`!token ${token}`);
	send(wanted);
}

function closed() {
	socket = null;
	clearTimeout(refused);
	if (me !== '')
		wanted = me;
	me = to = '';
	address('');
	doubtful = said.length;
	people.clear();
	showPeople();
	settle();
	if (left || wanted === '') {
		state(left ? 'you have left' : 'give your name to join');
		$('say').hidden = true;
		$('enter').hidden = false;
		$('name').focus();
		wanted = token = '';
		left = false;
		return;
	}
	pause = Math.min(pause * 2 + 1000, PAUSE_MOST);
	state(`the room is away; trying again in ${pause / 1000} s`);
	timer = setTimeout(connect, pause);
}

function connect() {
	const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
	clearTimeout(timer);
	timer = 0;
	socket = new WebSocket(`${scheme}//${location.host}/room`);
	state('connecting');
	socket.addEventListener('open', enter);
	socket.addEventListener('message', (event) => {
		for (const text of event.data.split('\n'))
			line(text);
		settle();
	});
	socket.addEventListener('close', closed);
}

window.addEventListener('online', () => {
	if (timer !== 0)
		connect();
});

// ---- typing ----

$('enter').addEventListener('submit', (event) => {
	event.preventDefault();
	const name = $('name').value.trim();
	if (name === '')
		return;
	if (name.startsWith('!')) {
		$('why').textContent = 'a name must not start with "!"';
		return;
	}
	$('why').textContent = '';
	clearTimeout(refused);
	localStorage.setItem('name', name);
	wanted = name;
	if (isOpen())
		enter();
	else if (socket === null)
		connect();
});

// The line for the room; or the reason that there is none, as [text].  A line
// that starts with "!" is text here, like any other.
function lineFor(text) {
	const isMe = text.startsWith('/me ');
	if (isMe && to !== '')
		return ['/me is public: end the private conversation first'];
	if (isMe)
		return `!me ${text.slice(4)}`;
	if (text.startsWith('/name '))
		return `!name ${text.slice(6)}`;
	if (text === '/quit')
		return '!quit';
	if (/^\/\w/.test(text))
		return ['commands here are /me, /name and /quit; ' +
		    '//text says /text'];
	const plain = text.startsWith('//') ? text.slice(1) : text;
	if (to !== '')
		return `!msg ${to} ${plain}`;
	return plain.startsWith('!') ? '!' + plain : plain;
}

// Send a line; false if it was not sent, and stays where it was typed.
function say(text) {
	const out = lineFor(text);
	if (typeof out !== 'string') {
		complain(out[0]);
	} else if (!isOpen() || me === '') {
		complain('not said: the room is away');
	} else if (new TextEncoder().encode(out).length > LINE_MOST) {
		complain(`not said: a line has at most ${LINE_MOST} bytes`);
	} else {
		if (out !== '!quit')
			said.push(text);
		send(out);
		return true;
	}
	return false;
}

$('say').addEventListener('submit', (event) => {
	event.preventDefault();
	const lines = $('line').value.split('\n').filter((t) => t !== '');
	while (lines.length > 0 && say(lines[0]))
		lines.shift();
	$('line').value = lines.join('\n');
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
$('name').focus();
state('give your name to join');
