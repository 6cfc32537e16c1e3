/** The choice of sessions opens without network too. */

import { keepPage } from "./shell.js";

keepPage();
