import { inBrowser } from '../support/browser-suite.ts';
import { tillSuite } from './till.suite.ts';
import { tillFaultsSuite } from './till-faults.suite.ts';
import { tillLooksSuite } from './till-looks.suite.ts';

inBrowser('the till in a real browser', [tillLooksSuite, tillSuite, tillFaultsSuite]);
