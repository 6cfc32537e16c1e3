/** How far from the venue somebody is, if they want to say so: reckoned here, the place itself is not sent. */

const EARTH = 6371008.8; // metres
const button = document.querySelector("[data-measure]");

function metres(here, there) {
  const [a, b, c, d] = [here.latitude, here.longitude, there.latitude, there.longitude].map((degrees) => (Number(degrees) * Math.PI) / 180);
  const h = Math.sin((c - a) / 2) ** 2 + Math.cos(a) * Math.cos(c) * Math.sin((d - b) / 2) ** 2;
  return Math.round(2 * EARTH * Math.asin(Math.sqrt(Math.min(1, h))));
}

function found({ coords }) {
  const distance = metres(coords, button.dataset);
  for (const field of document.querySelectorAll("[data-distance]")) field.value = distance;
  button.textContent = button.dataset.done.replace("METRES", distance);
}

function failed() {
  button.textContent = button.dataset.failed;
}

if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(found, failed, { timeout: 10000, maximumAge: 60000 }));
}
