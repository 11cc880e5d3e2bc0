import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { partnerTasks } from '../../server/isolation/tasks/partner-tasks.ts';
import { startTasks } from '../../server/isolation/tasks/task-runner.ts';
import { staffLogin, startPortals } from '../support/http.ts';

it('look', async function () {
  this.timeout(200000);
  const p = await startPortals();
  const stop = startTasks({
    gate: p.partner.deps.tasks,
    handlers: partnerTasks(p.partner.deps),
    logger: { warn() {} },
    interval: 20,
  });
  const b = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const ctx = await b.newContext({ baseURL: p.admin.url, viewport: { width: 1280, height: 900 } });
  const page = await ctx.newPage();
  await page.goto('/sign-in');
  await page.fill('input[name=email]', staffLogin('support').email);
  await page.fill('input[name=password]', staffLogin().password);
  await page.click('main button[type=submit]');
  await page.waitForURL((u) => !u.pathname.includes('sign-in'));
  await page.goto('/isolation/probes');
  await page.click('main form button[type=submit]');
  await page.waitForURL(/probes\/[0-9a-f-]{36}/);
  const probe = new URL(page.url()).pathname;
  await page.goto('/isolation/certificates');
  await page.click('main form button[type=submit]');
  await page.waitForURL(/certificates\/[0-9a-f-]{36}/);
  const cert = new URL(page.url()).pathname;
  await p.sql(
    'alter table branch no force row level security; grant delete on audit_entry to bulkhead_partner',
  );
  const paths = [
    '/isolation',
    '/isolation/tables/offer',
    '/isolation/roles',
    '/isolation/functions',
    '/isolation/rules',
    '/isolation/probes',
    probe,
    '/isolation/certificates',
    cert,
  ];
  const names = ['now', 'table', 'roles', 'functions', 'rules', 'probes', 'probe', 'certs', 'cert'];
  for (const [width, lang, scheme] of [
    [1280, 'en', 'light'],
    [390, 'ar', 'dark'],
    [390, 'en', 'light'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await ctx.setExtraHTTPHeaders({ 'Accept-Language': lang });
    await ctx.addCookies([{ name: 'x', value: 'x', url: p.admin.url }]);
    for (const [i, path] of paths.entries()) {
      const r = await page.goto(path + (lang === 'ar' ? '?lang=ar' : '?lang=en'));
      if (r?.status() !== 200) console.log(path, r?.status());
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (over > 0) console.log('OVERFLOW', width, lang, path, over);
      await page.evaluate(axe.source);
      const v = await page.evaluate(() =>
        (
          globalThis as never as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          }
        ).axe.run(),
      );
      for (const x of v.violations)
        console.log(width, lang, path, x.id, x.nodes[0]!.html.slice(0, 140), x.nodes.length);
      await page.screenshot({ path: `/tmp/look-${names[i]}-${width}-${lang}.png`, caret: 'initial' });
    }
  }
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.goto(cert + '?lang=en');
  await page.screenshot({ path: '/tmp/look-print.png' });
  await b.close();
  await stop();
  await p.close();
});
