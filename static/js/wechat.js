/** WeChat's own browser keeps no page for later and forgets logins: whoever stands at a door is told so. */

if (/MicroMessenger/i.test(navigator.userAgent)) {
  for (const hint of document.querySelectorAll("[data-wechat]")) hint.hidden = false;
}
