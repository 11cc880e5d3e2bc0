import { z } from 'zod';
import { readCode } from '../claims/claim-code.ts';
import { id } from '../http/fields.ts';
import { operations } from './device-operations.ts';
import { tillState } from './till-state.service.ts';

/** As people type it and as the database has it. */
const code = z.string().min(1).max(200).transform(readCode);

export const pairingRequest = z.strictObject({
  code: code.meta({ description: 'The one-time code, with or without dashes' }),
  appVersion: z.string().max(40).default(''),
});

export const challengeRequest = z.strictObject({ deviceId: id });

export const tokenRequest = z.strictObject({
  deviceId: id,
  challenge: z.string().min(1).max(2_000),
  operations: operations
    .optional()
    .meta({ description: 'For a token that is good for fewer; all when absent' }),
  state: tillState.optional(),
});

const name = { nameEn: z.string(), nameAr: z.string() };
const market = z.object({
  ...{ id, ...name },
  ...{ locale: z.string(), timeZone: z.string(), currency: z.string() },
});

export const tillShown = z.object({
  ...{ deviceId: id, name: z.string(), market },
  branch: z.object({ id, ...name }),
  serverTime: z.iso.datetime(),
});

export const tokenShown = tillShown.extend({
  token: z.string(),
  expiresIn: z.int().meta({ description: 'Seconds' }),
  operations,
});

export const challengeShown = z.object({ challenge: z.string(), expiresIn: z.int() });
