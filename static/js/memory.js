/** What this device remembers between visits. Some web views refuse storage: then it forgets. */

export function recall(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch { /* forgotten */ }
}
