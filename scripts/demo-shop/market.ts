/** Slug of the demo market whose page the shop is. */
export const DEMO_SHOP = 'murooj';
