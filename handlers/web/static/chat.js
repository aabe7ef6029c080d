// Keeps the conversation in this browser tab, sets the focus, sends with Enter.
// The page works without this file: it then shows the last question and its answer.
"use strict";

const KEY = "bangban.conversation";
const MOST = 40; // exchanges kept in the tab
const log = document.getElementById("log");
const composer = document.getElementById("composer");
const field = document.getElementById("said");

function freshNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Every question and press that has been answered makes room for a new one; until then sending again is the same one.
function renewNonces() {
  for (const input of document.querySelectorAll("input[name=nonce]")) input.value = freshNonce();
}

function keep() {
  const exchanges = Array.from(log.querySelectorAll(":scope > .exchange"), (one) => {
    const copy = one.cloneNode(true);
    copy.removeAttribute("id");
    return copy.outerHTML;
  });
  for (let first = Math.max(0, exchanges.length - MOST); first < exchanges.length; first += 5) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(exchanges.slice(first)));
      return;
    } catch {
      // the tab's storage is full or switched off: keep fewer
    }
  }
}

function restore() {
  let kept = [];
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return;
  }
  if (!Array.isArray(kept) || kept.length === 0) return;
  log.insertAdjacentHTML("afterbegin", kept.join(""));
  htmx.process(log);
}

// While a form is filled in, the field below is for its answer: with the right keyboard, and a name of its own.
const TYPING = ["inputmode", "autocomplete", "autocapitalize", "spellcheck"];

function fitField() {
  const last = Array.from(log.querySelectorAll(".exchange:not(:has(.came)) .reply")).at(-1);
  const mode = last?.dataset.typing ? "answering" : "asking";
  const typing = { autocomplete: "off", ...JSON.parse(last?.dataset.typing ?? "{}") };
  for (const name of TYPING) {
    if (typing[name]) field.setAttribute(name, typing[name]);
    else field.removeAttribute(name);
  }
  composer.querySelector("label").textContent = composer.dataset[`${mode}Label`];
  composer.querySelector("button").textContent = composer.dataset[`${mode}Send`];
  field.placeholder = composer.dataset[`${mode}Placeholder`];
  return mode;
}

// Whether what stands in the field is what was sent; else the next message has been begun meanwhile.
function isSent(event) {
  const { elt, formData } = event.detail.requestConfig;
  return composer.contains(elt) && field.value === formData.get("said");
}

// The reader is taken to what has come, unless they are writing.
function show(added, event) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  added.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  if (event && document.activeElement === field && !isSent(event)) return;
  (added.querySelector(".reply") ?? added).focus({ preventScroll: true });
}

function tellOffline(event) {
  log.append(document.getElementById("offline").content.cloneNode(true));
  clearTroubles(log.lastElementChild);
  show(log.lastElementChild, event);
}

function clearTroubles(but) {
  for (const trouble of log.querySelectorAll(":scope > .trouble")) if (trouble !== but) trouble.remove();
}

document.addEventListener("DOMContentLoaded", () => {
  const served = log.querySelector(".exchange");
  restore();
  renewNonces();
  fitField();
  if (served) {
    keep();
    show(served);
  } else if (log.lastElementChild) {
    log.lastElementChild.scrollIntoView({ block: "start" });
  }
});

// looking for letters happens by itself: it never takes the focus, and its failures are nobody's
const LETTERS = "/chat/letters";
const isLook = (event) => event.detail.requestConfig?.path === LETTERS;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (isLook(event) && event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (isLook(event)) {
    keep();
    return;
  }
  const added = log.lastElementChild;
  if (event.detail.xhr.status >= 400) {
    clearTroubles(added);
    show(added, event);
    return;
  }
  clearTroubles();
  renewNonces();
  keep();
  const mode = fitField();
  show(added, event);
  if (!isSent(event)) return;
  field.value = "";
  if (mode === "answering") field.focus({ preventScroll: true }); // the next answer is written in it, too
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => isLook(event) || tellOffline(event));
}

// a choice made in the conversation (language, large text) is the page's too
document.addEventListener("bangban-reload", () => {
  keep();
  location.assign("/");
});

log.addEventListener("change", (event) => {
  event.target.toggleAttribute("checked", event.target.checked);
  keep();
});

document.getElementById("clear").addEventListener("submit", () => {
  sessionStorage.removeItem(KEY);
});

field.addEventListener("keydown", (event) => {
  // while Chinese is being composed, Enter belongs to the input method
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (field.value.trim()) composer.requestSubmit();
});
