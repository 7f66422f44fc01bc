/** Who is logged in. The shop has no passwords: the id follows from the e-mail alone. */

export interface Account {
  readonly user_id: string;
  readonly email: string;
  readonly first_name: string | null;
}

/** The one password of the demo; it guards nothing. */
export const DEMO_PASSWORD = 'larkfell';

export function normaliseEmail(text: string): string {
  return text.trim().toLowerCase();
}

export function validEmail(text: string): boolean {
  const email = normaliseEmail(text);
  return email.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email);
}

/** The same e-mail gives the same id on every device: FNV-1a, 64 bits, over its UTF-8 bytes. */
export function userIdOf(email: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(normaliseEmail(email))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return `u_${hash.toString(16).padStart(16, '0')}`;
}

export function accountOf(email: string, firstName: string): Account {
  const first_name = firstName.trim().slice(0, 60);
  return {
    user_id: userIdOf(email),
    email: normaliseEmail(email),
    first_name: first_name === '' ? null : first_name,
  };
}

export function parseAccount(value: unknown): Account | null {
  if (typeof value !== 'object' || value === null) return null;
  const { email, first_name } = value as Partial<Account>;
  if (typeof email !== 'string' || !validEmail(email)) return null;
  return accountOf(email, typeof first_name === 'string' ? first_name : '');
}
