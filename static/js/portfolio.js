/* What the pages gain when scripts run. Nothing here is needed to do a job: every form and menu works without it. */
(function () {
  "use strict";

  function focusOn(element) {
    if (!element.matches("a, button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
    element.focus();
  }

  /* A page, or a part of one, has arrived: go to what went wrong, else to what just happened. */
  function arrive(root) {
    const summary = root.querySelector("[data-error-summary]");
    const messages = root.querySelector("#messages");
    if (summary) {
      if (!document.title.startsWith("Error: ")) document.title = "Error: " + document.title;
      focusOn(summary);
    } else if (messages && !location.hash) {
      focusOn(messages);
    }
    root.querySelectorAll("textarea").forEach(grow);
    document.dispatchEvent(new Event("portfolio:arrived"));
  }

  /* Browsers without field-sizing: let the box grow with what is written. */
  const growsAlone = CSS.supports("field-sizing", "content");
  function grow(area) {
    if (growsAlone) return;
    area.rows = Math.min(24, Math.max(4, area.value.split("\n").length + 1, Math.ceil(area.value.length / 60)));
  }

  function fileSize(bytes) {
    if (bytes < 1024 * 1024) return Math.max(1, Math.round(bytes / 1024)) + " KB";
    return (bytes / 1024 / 1024).toFixed(1) + " MB";
  }

  document.addEventListener("input", function (event) {
    if (event.target.matches("textarea")) grow(event.target);
  });

  document.addEventListener("change", function (event) {
    const input = event.target;
    if (!input.matches("input[type=file]")) return;
    const list = document.querySelector('[data-chosen-files="' + CSS.escape(input.id) + '"]');
    if (!list) return;
    list.replaceChildren(...Array.from(input.files, function (file) {
      const line = document.createElement("span");
      line.textContent = file.name + ", " + fileSize(file.size);
      return line;
    }));
  });

  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (event.target instanceof Element && event.target.matches("input[type=file]")) {
        event.target.classList.toggle("over", kind === "dragover");
      }
    });
  });

  document.addEventListener("click", function (event) {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(target)) menu.open = false;
    });
    const unavailable = target.closest('button[aria-disabled="true"]');
    if (unavailable) event.preventDefault();
    if (target.closest("[data-print]")) window.print();
    const errorLink = target.closest("[data-error-summary] a");
    if (errorLink) {
      const field = document.getElementById(errorLink.hash.slice(1));
      if (field) {
        event.preventDefault();
        focusOn(field);
        (field.closest(".field") || field).scrollIntoView({ block: "nearest" });
      }
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  document.addEventListener("focusout", function (event) {
    const menu = event.target instanceof Element ? event.target.closest("details[data-menu][open]") : null;
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });

  /* A second press of the same button while the first is under way does nothing. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  function readyAgain() {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    document.querySelectorAll('[aria-busy="true"]').forEach(function (button) { button.removeAttribute("aria-busy"); });
  }
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) readyAgain();
  });

  document.addEventListener("htmx:configRequest", function (event) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    /* 422 is a form with its errors: show it. */
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    readyAgain();
    const part = event.detail.elt;
    const goal = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
    if (goal) focusOn(goal);
    else arrive(part);
  });

  /* A passkey that was refused or cancelled: say so where the button is. */
  document.addEventListener("allauth.error", function () {
    document.querySelectorAll("[data-passkey-error]").forEach(function (notice) {
      notice.hidden = false;
      focusOn(notice);
    });
    readyAgain();
  });

  window.portfolio = { arrive: arrive, readyAgain: readyAgain, fileSize: fileSize };
  arrive(document);
})();
