/* Forms with a draft (templates/components/draft.html): what is typed is sent as it is typed, and shown again by the
   server. Two tabs never write over each other: what the other one holds is put under each field where they differ. */
(function () {
  "use strict";
  const WAIT = 1000; // after the last key
  const AGAIN = 10000; // when it could not be kept
  const KEEPALIVE = 60000; // browsers send no more than 64 KB for a page that is left
  const TROUBLES = ["signed-out", "another", "failed", "too-long"];
  let now = null; // the drafted form of this page

  function arrive() {
    const ticket = document.querySelector("[data-draft]");
    if (now && now.ticket === ticket) return;
    if (now) clearTimeout(now.timer);
    now = null;
    if (!ticket || !ticket.form) return;
    now = {
      ticket: ticket,
      form: ticket.form,
      seen: ticket.form.elements.draft_seen,
      fields: new Set(JSON.parse(ticket.dataset.fields)),
      isDirty: false,
      isSent: false,
      trouble: "",
      sending: null,
      timer: 0,
    };
    document.querySelectorAll("[data-draft-version]").forEach(function (section) {
      showOther(section.dataset.title, JSON.parse(section.dataset.draftVersion), true);
      if (others().length) section.querySelector("[data-draft-texts]").hidden = true;
    });
  }

  /* --- What stands in the form -------------------------------------------------------------------------------- */

  function isKept(element) {
    return Boolean(element.name) && !element.disabled && !["hidden", "file", "password", "submit"].includes(element.type)
      && now.fields.has(element.name.replace(/[0-9]+/g, "#"));
  }

  function isTicked(element) { return element.type === "checkbox" || element.type === "radio"; }

  function elementsNamed(name) {
    return Array.from(now.form.elements).filter(function (element) { return element.name === name && isKept(element); });
  }

  function valuesOf(elements) {
    const values = elements.flatMap(function (element) {
      if (isTicked(element)) return element.checked ? [element.value] : [];
      return element.multiple ? Array.from(element.selectedOptions, function (option) { return option.value; }) : [element.value];
    });
    return plain(values);
  }

  function plain(values) {
    return values.map(function (value) { return value.replace(/\r\n/g, "\n").trim(); }).filter(Boolean).sort();
  }

  function body() {
    const sent = new URLSearchParams({ draft: now.ticket.value, draft_seen: now.seen.value });
    Array.from(now.form.elements).filter(isKept).forEach(function (element) {
      if (isTicked(element) && !element.checked) return;
      const values = element.multiple ? Array.from(element.selectedOptions, function (option) { return option.value; }) : [element.value];
      values.forEach(function (value) { sent.append(element.name, value); });
    });
    return sent;
  }

  /* --- Keeping it ----------------------------------------------------------------------------------------------- */

  /* A new sign-in brings a new token; the one that the page came with is then refused. */
  function token() {
    const cookie = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
    return cookie ? cookie[1] : "";
  }

  function later(wait) {
    clearTimeout(now.timer);
    now.timer = setTimeout(save, wait);
  }

  async function save(options) {
    const draft = now;
    const { isLeaving = false, isSettled = false } = options || {};
    clearTimeout(draft.timer);
    if (draft.sending && !isLeaving) {
      if (isSettled) draft.mustSettle = true;
      draft.isDirty = true;
      return draft.sending;
    }
    const sent = body();
    if (isSettled || draft.mustSettle) sent.append("draft_settled", "yes");
    draft.mustSettle = false;
    draft.isDirty = false;
    const stop = new AbortController();
    draft.stop = stop;
    draft.sending = fetch(draft.ticket.dataset.draft, {
      method: "POST",
      body: sent,
      headers: { "X-CSRFToken": token() },
      redirect: "manual",
      keepalive: isLeaving && sent.toString().length < KEEPALIVE,
      signal: stop.signal,
    }).then(function (response) { return hear(draft, response); }, function () { return trouble(draft, "failed"); });
    const isDone = await draft.sending;
    draft.sending = null;
    if (draft === now && draft.isDirty && isDone && !draft.isSent) later(WAIT);
    return isDone;
  }

  async function hear(draft, response) {
    const isOurs = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.type === "opaqueredirect" || (response.status === 403 && !isOurs)) return trouble(draft, "signed-out");
    if (response.status === 403) return trouble(draft, "another");
    if (response.status === 413) return trouble(draft, "too-long");
    if (!isOurs || (response.status !== 200 && response.status !== 409)) return trouble(draft, "failed");
    const answer = await response.json();
    if (draft !== now) return true;
    draft.trouble = "";
    TROUBLES.forEach(hide);
    draft.seen.value = answer.seen;
    /* The same person has answered, so this page may be sent with the token of their new sign-in. */
    const fresh = token();
    if (fresh) document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (input) { input.value = fresh; });
    document.querySelectorAll("[data-draft-seen]").forEach(function (input) { input.value = answer.seen; });
    const status = document.querySelector("[data-draft-status]");
    if (status) status.textContent = "Kept at " + answer.kept_at + ". Not saved yet.";
    answer.others.forEach(function (other) { showOther(other.title, other.typed); });
    if (answer.others.length) {
      if (others().length) {
        show("conflict");
      } else {
        /* Nothing of it is missing here. */
        draft.mustSettle = draft.isDirty = true;
      }
    }
    return true;
  }

  /* It was not kept: say so, leave everything as it is, and try again. */
  function trouble(draft, name) {
    if (draft.isSent || draft !== now) return false;
    draft.isDirty = true;
    draft.trouble = name;
    TROUBLES.forEach(function (other) { if (other !== name) hide(other); });
    show(name);
    if (name === "signed-out" || name === "failed") later(AGAIN);
    return false;
  }

  function alertNamed(name) { return document.querySelector('[data-draft-alert="' + name + '"]'); }
  function show(name) {
    const notice = alertNamed(name);
    if (notice && !notice.dataset.closed) notice.hidden = false;
  }
  function hide(name) {
    const notice = alertNamed(name);
    if (!notice) return;
    notice.hidden = true;
    delete notice.dataset.closed;
  }

  /* --- What another tab, or another person, has put there ------------------------------------------------------- */

  function others() { return Array.from(now.form.querySelectorAll(".draft-other")); }

  function labelOf(elements) {
    const group = elements.length > 1 || elements[0].type === "radio" ? elements[0].closest("fieldset") : null;
    const label = group ? group.querySelector("legend") : elements[0].labels[0];
    return label ? label.textContent.trim() : "";
  }

  function wordsFor(elements, values) {
    if (!isTicked(elements[0]) && elements[0].tagName !== "SELECT") return values.join("\n") || "Nothing";
    if (elements.length === 1 && isTicked(elements[0])) return values.length ? "Ticked" : "Not ticked";
    const choices = isTicked(elements[0]) ? elements : Array.from(elements[0].options);
    const chosen = choices.filter(function (choice) { return values.includes(choice.value); });
    return chosen.map(function (choice) { return (choice.labels ? choice.labels[0] : choice).textContent.trim(); }).join(", ") || "Nothing";
  }

  /* Puts the other text under each field where it differs. What is blank there takes nothing away: the server speaks of
     it where it matters. */
  function showOther(title, typed, isBlankTold) {
    const names = new Set(Array.from(now.form.elements).filter(isKept).map(function (element) { return element.name; }));
    names.forEach(function (name) {
      const elements = elementsNamed(name);
      const values = plain(typed[name] || []);
      if (!(name in typed) || (!values.length && !isBlankTold)) return;
      const key = name + "=" + JSON.stringify(values);
      const isShown = others().some(function (note) { return note.dataset.other === key; });
      if (isShown || JSON.stringify(values) === JSON.stringify(valuesOf(elements))) return;
      const note = document.querySelector("template[data-draft-other]").content.firstElementChild.cloneNode(true);
      note.dataset.other = key;
      note.querySelector("b").textContent = title;
      note.querySelector(".draft-text").textContent = wordsFor(elements, typed[name] || []);
      note.querySelectorAll(".visually-hidden").forEach(function (about) { about.textContent = " for " + labelOf(elements); });
      note.addEventListener("click", function (event) {
        const button = event.target.closest("button");
        if (!button) return;
        if (button.matches("[data-draft-use]")) use(elements, typed[name] || []);
        note.remove();
        elements[0].focus();
        if (!others().length) hide("conflict");
        save({ isSettled: !others().length });
      });
      const last = elements[elements.length - 1];
      const option = last.closest(".option");
      ((elements.length > 1 && last.closest(".options")) || option || last).after(note);
      bringToLight(note);
    });
  }

  /* Some fields stand back until another one is chosen; what is said about them does not. */
  function bringToLight(note) {
    const details = note.closest("details");
    if (details) details.open = true;
    let place = note.parentElement;
    while (!place.checkVisibility() && place !== now.form) place = place.parentElement;
    if (place !== note.parentElement) place.append(note);
  }

  function use(elements, values) {
    elements.forEach(function (element) {
      if (isTicked(element)) element.checked = values.includes(element.value);
      else if (element.multiple) Array.from(element.options).forEach(function (option) { option.selected = values.includes(option.value); });
      else element.value = values[0] || "";
    });
    elements[0].dispatchEvent(new Event("input", { bubbles: true }));
    elements[0].dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* --- When ----------------------------------------------------------------------------------------------------- */

  function note(event) {
    if (!now || !(event.target instanceof Element) || event.target.form !== now.form || !isKept(event.target)) return;
    now.isDirty = true;
    now.isSent = false;
    if (!now.sending) later(WAIT);
  }
  document.addEventListener("input", note);
  document.addEventListener("change", note);

  function leave() {
    if (now && now.isDirty && !now.isSent) save({ isLeaving: true });
  }
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") leave();
    else if (now && now.trouble) save();
  });
  window.addEventListener("focus", function () {
    if (now && now.trouble) save();
  });

  document.addEventListener("click", function (event) {
    const close = event.target instanceof Element && event.target.closest("[data-draft-close]");
    if (!close) return;
    const notice = close.closest("[data-draft-alert]");
    notice.hidden = true;
    notice.dataset.closed = "yes";
  });

  /* Capture: before the form is sent by whichever way. Nobody's text is sent in another's name or to the sign-in page:
     it stays here, with its files, until they are back. */
  document.addEventListener("submit", function (event) {
    if (!now || event.target !== now.form) return;
    if (now.trouble === "signed-out" || now.trouble === "another") {
      const submitter = event.submitter;
      event.preventDefault();
      event.stopImmediatePropagation();
      delete alertNamed(now.trouble).dataset.closed;
      save().then(function (isDone) { if (isDone) now.form.requestSubmit(submitter); });
      return;
    }
    clearTimeout(now.timer);
    now.isSent = true;
    if (now.stop) now.stop.abort();
    /* Sending files may fail, and the page is then still here. */
    if (now.isDirty) later(AGAIN);
  }, true);

  document.addEventListener("portfolio:arrived", arrive);
  arrive();
})();
