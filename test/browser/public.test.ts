import { inBrowser } from '../support/browser-suite.ts';
import { claimsSuite } from './claims.suite.ts';
import { hostedSuite } from './hosted.suite.ts';
import { widgetSuite } from './widget.suite.ts';
import { widgetStatesSuite } from './widget-states.suite.ts';

inBrowser('in a real browser, what the public sees', [
  widgetSuite,
  widgetStatesSuite,
  hostedSuite,
  claimsSuite,
]);
