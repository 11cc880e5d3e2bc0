import { v7 } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { conflict, invalid } from '../errors.ts';
import { removeUnusedImage, withImage } from '../images/images.service.ts';
import type { Uploads } from '../images/uploads.ts';
import { missing } from './completeness.ts';
import { verbsOf } from './offer-state.ts';
import { contradictions, type OfferContent } from './offers.input.ts';
import { findOffer, marketUnits, type OfferDetail } from './offers.queries.ts';
import { checkReferences, linkBranches } from './references.ts';
import { submitIn, wrongState } from './submission.service.ts';
import { after } from './version.ts';

export interface OfferTools {
  readonly uploads: Uploads;
  readonly clock: () => Date;
}

/** What becomes of the picture: a new one, one that the market has, none (null), or as it was (absent). */
export type Picture = { readonly upload: Buffer } | { readonly id: string | null };

export interface OfferDraft {
  readonly content: OfferContent;
  readonly picture?: Picture;
  /** Hands it to moderation in the same transaction: both or neither. */
  readonly submit?: boolean;
}

/**
 * Writes a new draft.
 * @returns its id.
 * @throws AppError 422 at the field, and with `submit` what submitOffer throws; then nothing is written.
 */
export async function createOffer(db: ScopedClient, tools: OfferTools, draft: OfferDraft): Promise<string> {
  const { content, picture, submit } = draft;
  const now = tools.clock();
  const id = v7();
  await withImage(db, tools.uploads, uploadOf(picture), async (tx, uploaded) => {
    const imageId = uploaded ?? chosenImage(picture) ?? null;
    await check(tx, content, imageId, []);
    const { currency } = await marketUnits(tx);
    await tx.offer.create({ data: { id, ...columns(content), currency, imageId, updatedAt: now } });
    await linkBranches(tx, id, [], content.branchIds);
    await recordAudit(tx, {
      ...{ action: 'offer.create', subjectType: 'offer', subjectId: id },
      after: { ...content, imageId },
    });
    if (submit) await submitIn(tx, id, now);
  });
  return id;
}

/**
 * Writes what changed, made from `version`. An edited live or rejected offer is a draft until it is submitted
 * again; a submitted one stays submitted, with the new content.
 * @throws AppError 404; 409 `changed-meanwhile`, `offer-state`; 422 at the field.
 */
export async function updateOffer(
  db: ScopedClient,
  tools: OfferTools,
  id: string,
  version: string,
  draft: { readonly content: Partial<OfferContent>; readonly picture?: Picture; readonly submit?: boolean },
): Promise<void> {
  const { picture, submit } = draft;
  const now = tools.clock();
  const work = async (tx: ScopedClient, uploaded: string | null) => {
    const before = await findOffer(tx, id);
    if (!verbsOf(before, now).edit) throw wrongState(before, now);
    if (before.version !== version) throw conflict('changed-meanwhile');
    const content = { ...contentOf(before), ...given(draft.content) };
    const imageId = uploaded ?? chosenImage(picture);
    await check(tx, content, imageId, before.branchIds);
    await rewrite(tx, before, content, imageId, now);
    await linkBranches(tx, id, before.branchIds, content.branchIds);
    await recordAudit(tx, {
      action: 'offer.edit',
      subjectType: 'offer',
      subjectId: id,
      details: { from: before.state },
      before: { ...contentOf(before), imageId: before.imageId },
      after: { ...content, ...(imageId === undefined ? {} : { imageId }) },
    });
    const changed = await findOffer(tx, id);
    if (submit && verbsOf(changed, now).submit) await submitIn(tx, id, now);
    else mustStayComplete(changed, now);
    return { before, changed };
  };
  const { before, changed } = await withImage(db, tools.uploads, uploadOf(picture), work);
  if (before.imageId !== changed.imageId) await removeUnusedImage(db, tools.uploads, before.imageId);
}

/** A new draft with the same content; a schedule that has passed is left out. @returns its id. */
export async function copyOffer(db: ScopedClient, id: string, now: Date): Promise<string> {
  const copy = v7();
  await db.$transaction(async (tx) => {
    const offer = await findOffer(tx, id);
    const isOver = offer.endsAt !== null && offer.endsAt <= now;
    const content = { ...contentOf(offer), ...(isOver ? { startsAt: null, endsAt: null } : {}) };
    const { currency, imageId } = offer;
    await tx.offer.create({ data: { id: copy, ...columns(content), currency, imageId, updatedAt: now } });
    const open = offer.branches
      .filter(({ branch }) => branch.state === 'open')
      .map(({ branch }) => branch.id);
    await linkBranches(tx, copy, [], open);
    await recordAudit(tx, {
      action: 'offer.copy',
      subjectType: 'offer',
      subjectId: copy,
      details: { from: id },
      after: { ...content, imageId },
    });
  });
  return copy;
}

/** Removes a draft that was never decided about. @throws AppError 404, 409 */
export async function deleteOffer(db: ScopedClient, tools: OfferTools, id: string): Promise<void> {
  const now = tools.clock();
  const imageId = await db.$transaction(async (tx) => {
    const offer = await findOffer(tx, id);
    if (!verbsOf(offer, now).delete) throw wrongState(offer, now);
    const { count } = await tx.offer.deleteMany({ where: { id, state: 'draft', decision: null } });
    if (count === 0) throw conflict('changed-meanwhile');
    const { titleEn, titleAr, imageId } = offer;
    const details = { titleEn, titleAr };
    const before = { ...contentOf(offer), imageId };
    await recordAudit(tx, { action: 'offer.delete', subjectType: 'offer', subjectId: id, details, before });
    return imageId;
  });
  await removeUnusedImage(db, tools.uploads, imageId);
}

async function check(
  tx: ScopedClient,
  content: OfferContent,
  imageId: string | null | undefined,
  linked: readonly string[],
): Promise<void> {
  const errors = contradictions(content);
  if (Object.keys(errors).length > 0) throw invalid(errors);
  await checkReferences(tx, { ...content, imageId: imageId ?? null }, linked);
}

async function rewrite(
  tx: ScopedClient,
  before: OfferDetail,
  content: OfferContent,
  imageId: string | null | undefined,
  now: Date,
): Promise<void> {
  const isDecided = before.state === 'live' || before.state === 'rejected';
  const { count } = await tx.offer.updateMany({
    where: { id: before.id, updatedAt: before.updatedAt, state: before.state },
    data: {
      ...columns(content),
      ...(imageId === undefined ? {} : { imageId }),
      ...(isDecided ? { isSubmitted: false } : {}),
      updatedAt: after(before.updatedAt, now),
    },
  });
  if (count === 0) throw conflict('changed-meanwhile');
}

/** What waits for a decision, or is live after a change that needs none, must not lose what it needs. */
function mustStayComplete(offer: OfferDetail, now: Date): void {
  if (offer.state !== 'submitted' && offer.state !== 'live') return;
  const errors = missing(offer, now);
  if (Object.keys(errors).length > 0) throw invalid(errors, 'offer-incomplete');
}

const uploadOf = (picture: Picture | undefined) => (picture && 'upload' in picture ? picture.upload : null);
const chosenImage = (picture: Picture | undefined) => (picture && 'id' in picture ? picture.id : undefined);

function columns({ branchIds: _, ...content }: OfferContent): Omit<OfferContent, 'branchIds'> {
  return content;
}

function given(content: Partial<OfferContent>): Partial<OfferContent> {
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
}

export function contentOf(offer: OfferDetail): OfferContent {
  const { titleEn, titleAr, textEn, textAr, price, oldPrice, categoryId, branchIds, startsAt, endsAt } =
    offer;
  const { claimLimit, claimLimitPerShopper } = offer;
  return {
    ...{ titleEn, titleAr, textEn, textAr, price, oldPrice, categoryId, branchIds, startsAt, endsAt },
    ...{ claimLimit, claimLimitPerShopper },
  };
}
