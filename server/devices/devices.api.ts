import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { deviceAdminList, deviceInput, deviceList, renameInput } from './devices.input.ts';
import { findDevice, findPairing, listDevices, listPairings } from './devices.queries.ts';
import { addDevice, renameDevice, revokeDevice, withdrawPairing } from './devices.service.ts';
import { inGroups, pairingAddress } from './pairing-code.ts';

const branch = z.object({ id, nameEn: z.string(), nameAr: z.string() });

const device = z.object({
  ...{ id, name: z.string(), branch, state: z.enum(['active', 'revoked']) },
  appVersion: z.string().meta({ description: 'As the device states it; empty until it has' }),
  queueDepth: z.int().meta({ description: 'Redemptions that it had not sent when it last said so' }),
  clockSkewMs: z.number().meta({ description: "The device's clock minus ours, in milliseconds" }),
  lease: z
    .object({ left: z.int(), granted: z.int(), expiresAt: instant })
    .nullable()
    .meta({ description: "Redemptions out of the month's quota that it may make without a connection" }),
  ...{ pairedAt: instant, lastSeenAt: instant.nullable(), revokedAt: instant.nullable() },
});

const pairing = z.object({
  id: id.meta({ description: 'Also the id of the device that will come of it' }),
  ...{ name: z.string(), branch, state: z.enum(['pending', 'done', 'expired']) },
  ...{ createdAt: instant, expiresAt: instant },
});

const newPairing = pairing.extend({
  code: z.string().meta({ description: 'Shown this once. Good for 10 minutes, for one device' }),
  address: z.url().meta({ description: "The till's page with the code, for a QR code" }),
});

const pageOf = (row: z.ZodType) =>
  z.object({ rows: z.array(row), next: z.string().nullable(), previous: z.string().nullable() });
const params = z.object({ id });
const tag = 'Devices';
const roles = ['owner', 'manager'] as const;

/** The JSON twins of the pages of devices. */
export function devicesPartnerOperations({
  clock,
  config,
}: Pick<Deps, 'clock' | 'config'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/devices', tag, summary: 'List devices' },
      ...{ query: listSchema(deviceList), response: pageOf(device) },
      handler: (db, { req }) => listDevices(db, parseList(deviceList, req.query, 'strict'), clock()),
    }),
    operation({
      ...{ method: 'post', path: '/devices', tag, summary: 'Add a device', roles },
      description: 'Makes a code that the device pairs with.',
      ...{ body: deviceInput, response: newPairing, status: 201 },
      handler: async (db, { body }) => {
        const { id, code } = await addDevice(db, body, clock());
        const address = pairingAddress(config.publicUrl, code);
        return { ...(await findPairing(db, id, clock())), code: inGroups(code), address };
      },
    }),
    ...pairingOperations(clock),
    operation({
      ...{ method: 'get', path: '/devices/:id', tag, summary: 'One device', params, response: device },
      handler: (db, { params }) => findDevice(db, params.id, clock()),
    }),
    operation({
      ...{ method: 'patch', path: '/devices/:id', tag, summary: 'Rename a device', roles },
      ...{ params, body: renameInput, response: device },
      handler: async (db, { params, body }) => {
        await renameDevice(db, params.id, body.name);
        return findDevice(db, params.id, clock());
      },
    }),
    operation({
      ...{ method: 'post', path: '/devices/:id/revocation', tag, summary: 'Revoke a device', roles },
      description: 'For good, from its next request on. What it has not sent stays sealed on it.',
      params,
      handler: (db, { params }) => revokeDevice(db, params.id, clock()),
    }),
  ];
}

function pairingOperations(clock: () => Date): readonly Operation[] {
  const open = async (db: ScopedClient) =>
    (await listPairings(db, clock())).map((row) => ({ ...row, state: 'pending' }));
  return [
    operation({
      ...{
        method: 'get',
        path: '/devices/pairings',
        tag,
        summary: 'Codes that wait for their device',
        roles,
      },
      response: z.object({ rows: z.array(pairing) }),
      handler: async (db) => ({ rows: await open(db) }),
    }),
    operation({
      ...{ method: 'get', path: '/devices/pairings/:id', tag, summary: 'How far a pairing is', roles },
      ...{ params, response: pairing },
      handler: (db, { params }) => findPairing(db, params.id, clock()),
    }),
    operation({
      ...{ method: 'delete', path: '/devices/pairings/:id', tag, summary: 'Withdraw a code', roles, params },
      handler: (db, { params }) => withdrawPairing(db, params.id),
    }),
  ];
}

const listed = device.extend({ market: branch });

/** For staff: devices across markets. */
export function devicesAdminOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/devices', tag, summary: 'List devices of all markets, or of one' },
      ...{ query: listSchema(deviceAdminList), response: pageOf(listed) },
      handler: async (db, { req }) => {
        const page = await listDevices(db, parseList(deviceAdminList, req.query, 'strict'), clock());
        const rows = page.rows.map((row) => ({ ...row, market: { id: row.marketId, ...row.branch.market } }));
        return { ...page, rows };
      },
    }),
  ];
}
