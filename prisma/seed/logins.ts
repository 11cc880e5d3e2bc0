/** The password of every demo login. Public on purpose: a demo database holds nothing but demo data. */
export const DEMO_PASSWORD = 'bulkhead-demo-2026';

export interface DemoLogin {
  readonly portal: 'admin' | 'partner';
  readonly email: string;
  readonly password: string;
  readonly name: string;
  /** What the person may do where; staff have one entry without a market. */
  readonly roles: readonly { readonly role: string; readonly market?: string }[];
}

const staff = (email: string, name: string, role: string): DemoLogin => ({
  portal: 'admin',
  email,
  password: DEMO_PASSWORD,
  name,
  roles: [{ role }],
});

const partner = (email: string, name: string, ...roles: { role: string; market: string }[]): DemoLogin => ({
  portal: 'partner',
  email,
  password: DEMO_PASSWORD,
  name,
  roles,
});

/** Demo accounts, at reserved domains that can receive no mail. `market` is a demo market's slug. */
export const DEMO_LOGINS: readonly DemoLogin[] = [
  staff('operator@example.com', 'Demo operator', 'operator'),
  staff('support@example.com', 'Demo support', 'support'),
  partner('owner@murooj.example.com', 'Demo owner', { role: 'owner', market: 'murooj' }),
  partner('manager@murooj.example.com', 'Demo manager', { role: 'manager', market: 'murooj' }),
  partner('analyst@murooj.example.com', 'Demo analyst', { role: 'analyst', market: 'murooj' }),
  partner('owner@barq.example.com', 'Demo owner', { role: 'owner', market: 'barq' }),
  // At the limits of the plan Free.
  partner('owner@al-sikka.example.com', 'Demo owner', { role: 'owner', market: 'al-sikka' }),
  partner(
    'two-markets@example.net',
    'Demo area manager',
    { role: 'manager', market: 'murooj' },
    { role: 'analyst', market: 'thawb-and-thread' },
  ),
];
