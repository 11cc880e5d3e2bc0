import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { root } from '../paths.ts';
import { findCertificate, lastCertificates } from './certificates.queries.ts';
import { certify } from './certificates.service.ts';

/** Certificates: issued, shown as a document that prints, and as the file that anybody can verify. */
export function certificatesAdminRoutes({
  installation,
  audit,
  clock,
}: Pick<Deps, 'installation' | 'audit' | 'clock'>): Router {
  const router = Router();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const tools = { installation, signer: audit?.signer ?? null, version, clock };
  router.get('/isolation/certificates', async (req, res) => {
    const certificates = await lastCertificates(req.db);
    res.page('admin/isolation/certificates', {
      title: req.t('isolation:tab.certificates'),
      certificates,
      canSign: tools.signer !== null,
    });
  });
  router.post('/isolation/certificates', async (req, res) => {
    const id = await certify(req.db, tools);
    res.flash('ok', 'isolation:certificates.issued');
    res.redirect(303, `/isolation/certificates/${id}`);
  });
  router.get('/isolation/certificates/:id.json', async (req, res) => {
    const { at, envelope } = await findCertificate(req.db, idParam(req));
    res.attachment(`bulkhead-isolation-${at.toISOString().slice(0, 10)}.json`);
    res.json(envelope);
  });
  router.get('/isolation/certificates/:id', async (req, res) => {
    const certificate = await findCertificate(req.db, idParam(req));
    res.page('admin/isolation/certificate', { title: req.t('isolation:certificates.one'), certificate });
  });
  return router;
}
