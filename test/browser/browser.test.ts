import { inBrowser } from '../support/browser-suite.ts';
import { checksSuite } from './checks.suite.ts';
import { importsSuite } from './imports.suite.ts';
import { keyboardSuite } from './keyboard.suite.ts';
import { offersSuite } from './offers.suite.ts';
import { pagesSuite } from './pages.suite.ts';
import { peopleSuite } from './people.suite.ts';
import { supportSuite } from './support.suite.ts';
import { withoutScriptsSuite } from './without-scripts.suite.ts';

inBrowser('in a real browser', [
  checksSuite,
  offersSuite,
  importsSuite,
  peopleSuite,
  supportSuite,
  withoutScriptsSuite,
  keyboardSuite,
  // Last: it looks at what the others left behind too.
  pagesSuite,
]);
