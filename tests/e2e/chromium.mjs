// Debian's Chromium, for the tests that drive a page.

import { chromium } from "playwright-core";
import { options } from "./chromium-options.mjs";

export const launch = () => chromium.launch(options);
