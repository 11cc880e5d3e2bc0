import type { DemoMarket } from './market-list.ts';
import { type Random, randomFor } from './random.ts';

/** The life of one offer, in days from today (negative: past). */
export interface Story {
  readonly created: number;
  readonly submitted: number | null;
  readonly verdict?: 'approved' | 'rejected';
  /** Changed after the verdict … */
  readonly edited?: number;
  /** … and handed in again … */
  readonly resubmitted?: boolean;
  /** … and decided again. */
  readonly secondVerdict?: 'approved' | 'rejected';
  readonly starts: number;
  readonly ends: number;
  readonly ended?: number;
}

/** English, Arabic. */
export const REJECTIONS: readonly (readonly [string, string])[] = [
  [
    'The old price is not shown in the branches. Please correct it or send a photo of the shelf.',
    'السعر السابق غير معروض في الفروع. يرجى تصحيحه أو إرسال صورة من الرف.',
  ],
  [
    'The Arabic and the English text promise different things.',
    'النص العربي والنص الإنجليزي لا يتطابقان فيما يعدان به.',
  ],
  ['The picture shows another product.', 'الصورة تعرض منتجًا آخر.'],
];

const draft = (random: Random): Story => {
  const created = -random.int(2, 18);
  return { created, submitted: null, starts: random.int(3, 12), ends: random.int(20, 45) };
};

const waiting = (random: Random): Story => {
  const submitted = -random.int(1, 3);
  return { created: submitted - 2, submitted, starts: random.int(1, 6), ends: random.int(15, 40) };
};

const rejected = (random: Random): Story => ({
  ...waiting(random),
  created: -9,
  submitted: -6,
  verdict: 'rejected',
});

const live = (random: Random): Story => {
  const starts = -random.int(5, 55);
  return {
    created: starts - random.int(3, 8),
    submitted: starts - 2,
    verdict: 'approved',
    starts,
    ends: random.int(4, 40),
  };
};

/** Always something to see: two offers that have run for longer than the figures go back. */
const evergreen: Story = { created: -210, submitted: -203, verdict: 'approved', starts: -200, ends: 120 };

const scheduled = (random: Random): Story => ({
  ...live(random),
  created: -6,
  submitted: -4,
  starts: 5,
  ends: 30,
});

/** Past campaigns follow each other through the half year, with some overlap. */
function ended(index: number, count: number, random: Random): Story {
  const span = 170 / count;
  const starts = Math.round(-190 + index * span);
  const ends = Math.min(-random.int(2, 12), Math.round(starts + span * random.between(1.1, 1.5)));
  return { created: starts - 6, submitted: starts - 3, verdict: 'approved', starts, ends, ended: ends };
}

/** Live, then edited: waiting again, back to draft, refused, or approved again. */
function revised(kind: 'waiting' | 'draft' | 'rejected' | 'approved', random: Random): Story {
  const story = { ...live(random), starts: -random.int(25, 70) };
  const known = { ...story, created: story.starts - 6, submitted: story.starts - 2 };
  if (kind === 'draft') return { ...known, edited: -2 };
  if (kind === 'waiting') return { ...known, edited: -random.int(1, 2), resubmitted: true };
  return { ...known, edited: -random.int(6, 12), resubmitted: true, secondVerdict: kind };
}

function running(market: DemoMarket, maxLive: number, random: Random): Story[] {
  const count = market.offers;
  const lives = Math.min(maxLive, Math.max(3, Math.round(count * 0.35)));
  const past = Math.max(2, Math.round(count * 0.22));
  const stories: Story[] = [
    evergreen,
    evergreen,
    revised('waiting', random),
    waiting(random),
    rejected(random),
    draft(random),
  ];
  for (let i = 0; i < past; i++) stories.push(ended(i, past, random));
  if (count >= 12) stories.push(scheduled(random), revised('approved', random));
  const present = stories.filter((story) => story === evergreen || story.secondVerdict === 'approved').length;
  for (let i = present; i < lives - (count >= 12 ? 1 : 0); i++) stories.push(live(random));
  if (count >= 13) stories.push(revised(market.number % 2 ? 'rejected' : 'draft', random));
  const rest = [draft, waiting, draft, rejected];
  for (let i = 0; stories.length < count; i++) stories.push(rest[i % rest.length]!(random));
  return stories.slice(0, count);
}

/** One story for each of the market's offers; no more live ones than its plan allows. */
export function storiesOf(market: DemoMarket, maxLive: number): Story[] {
  const random = randomFor(`${market.slug}/stories`);
  if (market.state === 'applied') return Array.from({ length: market.offers }, () => draft(random));
  const stories = running(market, maxLive, random);
  if (market.state !== 'closed') return stories;
  // Closing a market ends what was live or waiting.
  return stories.map((story) =>
    story.verdict === 'approved' ? { ...story, ended: story.ended ?? 0 } : story,
  );
}
