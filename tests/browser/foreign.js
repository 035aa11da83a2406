// foreign.js PORT NAME SEED N: join the room by the WebSocket library that
// most of node uses, say N messages in fragments of any length with pings
// between them, and hear each of them come back whole, in order.
'use strict';

const { WebSocket } = require('ws');

const [port, name, seed, n] = process.argv.slice(2);
const socket = new WebSocket(`ws://127.0.0.1:${port}/room`,
    { origin: `http://127.0.0.1:${port}`, perMessageDeflate: true });
let state = Number(seed), heard = 0, pongs = 0, pings = 0;

function dice(sides) {
	state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
	return (state >>> 8) % sides;
}

function text(i) {
	const letters = ['a', 'é', '字', '😀', ' '];
	let s = `${i} `;
	for (let k = dice(400); k > 0; k--)
		s += letters[dice(letters.length)];
	return s.trimEnd() + '.';
}

const texts = Array.from({ length: Number(n) }, (_, i) => text(i));

function say(s) {
	let bytes = Buffer.from(s);
	do {
		const cut = 1 + dice(bytes.length);
		socket.send(bytes.subarray(0, cut),
		    { binary: false, fin: cut === bytes.length });
		bytes = bytes.subarray(cut);
		if (bytes.length > 0 && dice(3) === 0) {
			pings++;
			socket.ping();
		}
	} while (bytes.length > 0);
}

function line(s) {
	const [, kind, from, ...rest] = s.split('\t');
	if (kind === 'hello')
		texts.forEach(say);
	if (kind !== 'msg' || from !== name)
		return;
	if (rest.join('\t') !== texts[heard++]) {
		console.log(`message ${heard - 1} came as ${s}`);
		process.exit(1);
	}
	if (heard === texts.length)
		socket.close(1000, 'done');
}

socket.on('open', () => socket.send(name));
socket.on('message', (m) => m.toString().split('\n').forEach(line));
socket.on('pong', () => pongs++);
socket.on('error', (e) => console.log(`error: ${e.message}`));
socket.on('close', (code) => {
	console.log(`heard ${heard}, close ${code}, ` +
	    (pings === pongs ? 'all pings answered' : `${pongs} of ${pings}`));
	process.exit(heard === texts.length && code === 1000 ? 0 : 1);
});
