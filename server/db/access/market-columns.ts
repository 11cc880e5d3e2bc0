// Columns that portals' logins may write. No role writes a market column but when it inserts.

export const offerContent = [
  'title_en',
  'title_ar',
  'text_en',
  'text_ar',
  'price',
  'old_price',
  'currency',
  'category_id',
  'image_id',
  'starts_at',
  'ends_at',
  'import_key',
  'claim_limit',
  'claim_limit_per_shopper',
  'submission',
  'is_submitted',
  'submitted_at',
  'ended_at',
  'updated_at',
] as const;

export const branchContent = [
  'name_en',
  'name_ar',
  'address_en',
  'address_ar',
  'city',
  'phone',
  'latitude',
  'longitude',
  'hours',
  'state',
  'updated_at',
] as const;

export const marketSettings = ['name_en', 'name_ar', 'locale', 'updated_at'] as const;

export const importProgress = [
  'state',
  'mapping',
  'options',
  'total',
  'processed',
  'created',
  'updated',
  'failed',
  'failure',
  'started_at',
  'finished_at',
] as const;

/** A member as whoever invites one writes it: an owner, or an operator for a new market. */
export const invitation = [
  'market_id',
  'id',
  'email',
  'name',
  'role',
  'state',
  'locale',
  'invitation_digest',
  'invited_at',
  'invitation_ends_at',
] as const;

/** Of an offer, what anybody may read: nothing about moderation, nor the market's own reference. */
export const offerShown = [
  'market_id',
  'id',
  'title_en',
  'title_ar',
  'text_en',
  'text_ar',
  'search_text',
  'price',
  'old_price',
  'currency',
  'category_id',
  'image_id',
  'starts_at',
  'ends_at',
  'claim_limit',
  'claim_limit_per_shopper',
  'state',
  'created_at',
  'updated_at',
] as const;

/** Of a live offer what a till shows. */
export const offerAtTill = [
  'market_id',
  'id',
  'title_en',
  'title_ar',
  'text_en',
  'text_ar',
  'price',
  'old_price',
  'currency',
  'starts_at',
  'ends_at',
  'state',
] as const;
