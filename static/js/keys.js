/**
 * USB and Bluetooth scanners are keyboards that type a ticket and press Enter. Wherever the focus is, keys that no
 * other field takes belong to the ticket's field; so a phone needs no focus there, which would open its keyboard.
 */

const TAKES_KEYS = "textarea, select, input:not([type=radio], [type=checkbox], [type=file], [type=hidden])";

export function leadKeysTo(field) {
  document.addEventListener("keydown", (event) => {
    const printable = event.key.length === 1 && event.key !== " ";
    if (!printable || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.target.matches?.(TAKES_KEYS)) field.focus({ preventScroll: true });
  });
}

/** With a mouse the focus waits in the field; a phone's keyboard would cover the answer. */
export function rest(field) {
  if (matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });
  else field.blur();
}
