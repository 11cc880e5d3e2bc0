import encodeQR from 'qr';

export interface Qr {
  /** Modules along one side, with the quiet zone. */
  readonly size: number;
  /** The dark modules as one SVG path, for `viewBox="0 0 <size> <size>"`. */
  readonly path: string;
}

/** Scanners ask for four light modules around. */
const QUIET = 4;

/** A QR code as a drawing that needs no script, no style and no picture. */
export function qrOf(text: string): Qr {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET });
  const path = rows.flatMap((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`));
  return { size: rows.length, path: path.join('') };
}

function runs(row: readonly boolean[]): [start: number, length: number][] {
  const found: [number, number][] = [];
  row.forEach((isDark, x) => {
    if (!isDark) return;
    const last = found.at(-1);
    if (last && last[0] + last[1] === x) last[1]++;
    else found.push([x, 1]);
  });
  return found;
}
