import assert from 'node:assert/strict';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../support/http.ts';

describe('signing in', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  for (const login of [partnerLogin('amber', 'owner'), staffLogin('operator'), staffLogin('support')]) {
    it(`${login.email} gets into the ${login.portal} portal`, async () => {
      const browser = await portals.signIn(login);
      const page = await browser.get('/');
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /marker-/);
    });
  }
});
