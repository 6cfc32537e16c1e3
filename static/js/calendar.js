/** An organiser's calendar: by keyboard, and by hand where there is a mouse. */

import "./calendar-keys.js";
import "./calendar-drag.js";
