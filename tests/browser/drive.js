// Drives Chromium for tests/lib/Browser.pm: a command in JSON on each line of
// standard input, its result in JSON on a line of standard output.
//
// Whatever a page complains of, and whatever it asks of another host, is
// kept until the test asks for it.
'use strict';

const fs = require('fs');
const http = require('http');
const readline = require('readline');
const { chromium } = require('playwright-core');

const LIMIT = 30000;		// ms; far more than any event takes
const pages = new Map();
let browser, trouble = [];

function watch(page, origin) {
	page.on('console', (m) => {
		if (m.type() === 'error' && !/WebSocket/.test(m.text()))
			trouble.push(`console: ${m.text()}`);
	});
	page.on('pageerror', (e) => trouble.push(`error: ${e.message}`));
	page.on('dialog', (d) => {
		trouble.push(`dialog: ${d.message()}`);
		d.dismiss();
	});
	page.on('request', (r) => {
		if (!r.url().startsWith(origin) && !r.url().startsWith('data:'))
			trouble.push(`request: ${r.url()}`);
	});
}

const commands = {
	async open({ id, url, width = 1000, height = 640, scheme = 'light',
	    zoom = 1, permissions = [] }) {
		const context = await browser.newContext({ colorScheme: scheme,
		    viewport: { width, height }, deviceScaleFactor: zoom,
		    locale: 'en-GB', timezoneId: 'UTC',
		    ignoreHTTPSErrors: true });
		await context.grantPermissions(permissions);
		const page = await context.newPage();
		page.setDefaultTimeout(LIMIT);
		watch(page, new URL(url).origin);
		pages.set(id, page);
		const response = await page.goto(url);
		return response.status();
	},
	async goto({ id, url }) {
		return (await pages.get(id).goto(url)).status();
	},
	async fill({ id, what, text }) {
		await pages.get(id).fill(what, text);
	},
	async click({ id, what }) {
		await pages.get(id).click(what);
	},
	async type({ id, text }) {
		await pages.get(id).keyboard.type(text);
	},
	async press({ id, key }) {
		await pages.get(id).keyboard.press(key);
	},
	async wait({ id, js }) {
		// waitForFunction() would have the page evaluate a string.
		const end = Date.now() + LIMIT;
		while (!await pages.get(id).evaluate(js)) {
			if (Date.now() > end)
				throw new Error(`never: ${js}`);
			await new Promise((go) => setTimeout(go, 50));
		}
	},
	async eval({ id, js }) {
		return await pages.get(id).evaluate(js);
	},
	async shot({ id, path }) {
		await pages.get(id).screenshot({ path });
	},
	// A page of another site, on another port of this machine.
	async foreign({ id, html }) {
		const site = http.createServer((request, response) => {
			response.setHeader('Content-Type', 'text/html');
			response.end(html);
		});
		await new Promise((go) => site.listen(0, '127.0.0.1', go));
		site.unref();
		const page = await browser.newPage();
		pages.set(id, page);
		await page.goto(`http://127.0.0.1:${site.address().port}/`);
	},
	async close({ id }) {
		await pages.get(id).context().close();
		pages.delete(id);
	},
	// What axe-core finds serious, as lines.
	async axe({ id }) {
		const page = pages.get(id);
		await page.evaluate(fs.readFileSync(
		    require.resolve('axe-core/axe.min.js'), 'utf8'));
		const found = await page.evaluate('axe.run()');
		return found.violations
		    .filter((v) => /serious|critical/.test(v.impact))
		    .map((v) => `${v.id}: ${v.nodes.map((n) =>
		    n.html).join(' ')}`);
	},
	async trouble() {
		const all = trouble;
		trouble = [];
		return all;
	},
};

async function main() {
	browser = await chromium.launch({ executablePath: process.argv[2],
	    args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
	    '--no-first-run', '--disable-background-networking',
	    '--disable-component-update', '--disable-sync',
	    ...process.argv.slice(3)] });
	console.log('{"ready":true}');
	for await (const text of readline.createInterface(process.stdin)) {
		const command = JSON.parse(text);
		try {
			const value = await commands[command.op](command);
			console.log(JSON.stringify({ value: value ?? null }));
		} catch (e) {
			console.log(JSON.stringify({ error: String(e) }));
		}
	}
	await browser.close();
}

main().catch((e) => {
	console.log(JSON.stringify({ error: String(e) }));
	process.exit(1);
});
