import { describe, expect, it } from 'vitest';
import { accountOf, parseAccount, userIdOf, validEmail } from '../src/account.ts';

describe('the customer number', () => {
  it('follows from the e-mail alone', () => {
    // FNV-1a 64 of "ada@example.org", computed apart from this code.
    expect(userIdOf('ada@example.org')).toBe('u_8f5903add70ec39d');
    expect(userIdOf('  Ada@Example.ORG ')).toBe(userIdOf('ada@example.org'));
    expect(userIdOf('bob@example.org')).not.toBe(userIdOf('ada@example.org'));
  });

  it('has one shape, whatever goes in', () => {
    for (const email of ['', 'a', 'ü@例え.jp', 'x'.repeat(10_000)]) {
      expect(userIdOf(email)).toMatch(/^u_[0-9a-f]{16}$/);
    }
  });
});

describe('accounts', () => {
  it('accept addresses and nothing else', () => {
    for (const good of ['a@b.c', ' Ada@Example.org ', 'a+b@c.d.e']) expect(validEmail(good)).toBe(true);
    for (const bad of ['', 'a', 'a@b', 'a b@c.d', '@b.c', `${'x'.repeat(250)}@b.cd`]) expect(validEmail(bad)).toBe(false);
  });

  it('keep a first name only when there is one', () => {
    expect(accountOf('A@b.c', '  ').first_name).toBeNull();
    expect(accountOf('A@b.c', ' Ada ')).toMatchObject({ email: 'a@b.c', first_name: 'Ada' });
  });

  it('do not trust the number that was stored', () => {
    expect(parseAccount({ email: 'a@b.c', user_id: 'u_admin' })?.user_id).toBe(userIdOf('a@b.c'));
    for (const broken of [null, 3, {}, { email: 'no' }]) expect(parseAccount(broken)).toBeNull();
  });
});
