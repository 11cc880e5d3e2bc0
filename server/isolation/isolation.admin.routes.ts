import { type Request, type Response, Router } from 'express';
import { RULE_IDS } from '../db/guard/rules.ts';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { findingsOf, type Installation } from './installation.ts';
import { aboutTable, tableLines, tableView } from './isolation.view.ts';

/** What the database says about itself now: tables, roles and functions, and the rules that they are held to. */
export function isolationAdminRoutes({ installation }: Pick<Deps, 'installation'>): Router {
  const router = Router();
  router.get('/isolation', (req, res) => showNow(installation, req, res));
  router.get('/isolation/tables/:table', (req, res) => showTable(installation, req, res));
  router.get('/isolation/roles', async (req, res) => {
    const { snapshot } = await installation.examine();
    res.page('admin/isolation/roles', { title: req.t('isolation:tab.roles'), roles: snapshot.roles });
  });
  router.get('/isolation/functions', async (req, res) => {
    const { snapshot } = await installation.examine();
    res.page('admin/isolation/functions', {
      title: req.t('isolation:tab.functions'),
      functions: snapshot.functions,
    });
  });
  router.get('/isolation/rules', (req, res) => {
    const areas = [...new Set(RULE_IDS.map(areaOf))];
    const rules = areas.map((area) => ({ area, ids: RULE_IDS.filter((rule) => areaOf(rule) === area) }));
    res.page('admin/isolation/rules', { title: req.t('isolation:tab.rules'), rules });
  });
  return router;
}

/** `RLS` of `BH-RLS-001`. */
const areaOf = (rule: string): string => rule.split('-')[1] ?? '';

async function showNow(installation: Installation, req: Request, res: Response): Promise<void> {
  const examined = await installation.examine();
  const findings = findingsOf(examined.checks);
  const tables = tableLines(examined, findings);
  const { snapshot, fingerprint, durationMs } = examined;
  const policies = tables.reduce((sum, table) => sum + table.policies, 0);
  const compared = { tables: tables.length, policies, functions: snapshot.functions.length, ms: durationMs };
  res.page('admin/isolation/index', {
    title: req.t('isolation:title'),
    findings,
    tables,
    fingerprint,
    compared,
  });
}

async function showTable(installation: Installation, req: Request, res: Response): Promise<void> {
  const { snapshot, checks } = await installation.examine();
  const found = snapshot.tables.find(({ name }) => name === req.params.table);
  if (!found) throw notFound();
  const findings = aboutTable(found.name, findingsOf(checks));
  res.page('admin/isolation/table', { title: found.name, table: tableView(found), findings });
}
