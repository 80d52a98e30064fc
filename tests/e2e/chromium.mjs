// Debian's Chromium, for whoever drives a page.

import { chromium } from "playwright-core";
import { options } from "./chromium-options.mjs";

export const launch = () => chromium.launch(options);
