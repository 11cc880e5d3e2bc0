import type { SimulatedDevice } from './device.ts';
import { FAULTS } from './network.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;
const ENOUGH = 1_000_000;

type Step = (world: World, random: Random) => Promise<unknown>;
const anyDevice = (world: World, random: Random): SimulatedDevice => random.pick(world.devices);
const fault = (random: Random) => (random.chance(0.5) ? 'none' : random.pick(FAULTS));

const claim: Step = (world, random) =>
  world.claim(random.pick(world.offers), {
    claimedAt: new Date(Date.now() - random.int(1, 48) * HOUR),
    expiresAt: random.chance(0.2) ? new Date(Date.now() + random.int(-3, 1) * HOUR) : null,
  });

/** What it knows, what it can't know yet, what another branch's shopper brings, or what nobody ever claimed. */
const redeem: Step = async (world, random) => {
  const device = anyDevice(world, random);
  const codes = [...device.kept.view.of('claims').values()].map((each) => (each as { code: string }).code);
  const others = world.claims.map(({ code }) => code);
  const known = random.chance(0.6) && codes.length > 0 ? codes : others;
  const code = random.chance(0.05) || known.length === 0 ? 'N0SVCHXX' : random.pick(known);
  device.redeem(code, Date.now() - random.int(0, 3) * HOUR);
};

const push: Step = (world, random) =>
  anyDevice(world, random).push(fault(random), random, random.chance(0.1));
const pull: Step = (world, random) =>
  anyDevice(world, random).pull(fault(random), random, random.chance(0.1));
const lease: Step = (world, random) => anyDevice(world, random).lease(fault(random), random);

/** All that have something to say say it in the same moment, the portal among them. */
const rush: Step = (world, random) =>
  Promise.all([
    ...world.devices.map((device) => device.push(fault(random), random)),
    ...world.devices.map((device) => device.pull(fault(random), random)),
    portal(world, random),
  ]);

const portal: Step = async (world, random) => {
  if (world.claims.length > 0) await world.redeemAtPortal(random.pick(world.claims).id);
};

const skew: Step = async (world, random) => {
  anyDevice(world, random).skew = random.int(-9, 9) * HOUR;
};

const branches: Step = (world, random) =>
  world.setBranches(
    random.pick(world.offers),
    random.pick([[], [world.branches[0]], [world.branches[1]], [...world.branches]]),
  );

const end: Step = (world, random) =>
  world.client.query(`update offer set ended_at = case when ended_at is null then now() end where id = $1`, [
    random.pick(world.offers),
  ]);

const revoke: Step = async (world, random) => {
  const device = world.devices[1]!;
  if (!device.isRevoked && random.chance(0.3)) await world.revoke(device);
};

const erase: Step = (world, random) =>
  world.claims.length === 0
    ? Promise.resolve()
    : world.client.query(`delete from claim where id = $1 and state <> 'redeemed'`, [
        random.pick(world.claims).id,
      ]);

const STEPS: readonly Step[] = [
  ...Array(6).fill(claim),
  ...Array(8).fill(redeem),
  ...Array(7).fill(push),
  ...Array(6).fill(pull),
  ...[rush, rush, portal, portal, lease, lease, skew, branches, branches, end, revoke, erase],
];

/** Random steps, and then a time in which everybody who still may comes back and is heard. */
export async function tellHistory(world: World, seed: number): Promise<void> {
  const random = new Random(seed);
  if (random.chance(0.4)) await world.setCap(random.int(0, 8));
  for (let left = random.int(20, 40); left > 0; left--) await random.pick(STEPS)(world, random);
  await world.setCap(ENOUGH);
  for (const device of random.shuffled(world.devices)) if (!device.isRevoked) await device.finish(random);
  for (const device of world.devices) if (!device.isRevoked) while (await device.pull('none', random));
}
