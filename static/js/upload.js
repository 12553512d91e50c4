/* form[data-upload-form]: sends the form itself, shows how far it is in numbers, and keeps everything when the
   connection fails. Without scripts the browser sends the same form to the same address. */
(function () {
  "use strict";
  const portfolio = window.portfolio;

  function make(tag, attributes, text) {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(function ([name, value]) { element.setAttribute(name, value); });
    if (text) element.textContent = text;
    return element;
  }

  function hasFiles(form) {
    return Array.from(form.querySelectorAll("input[type=file]")).some(function (input) { return input.files.length > 0; });
  }

  function panelOf(form) {
    let panel = form.querySelector("[data-upload-panel]");
    if (!panel) {
      panel = make("div", { class: "upload-progress", "data-upload-panel": "" });
      form.append(panel);
    }
    return panel;
  }

  /* The page that came back takes the place of this one; files already chosen stay chosen. */
  function showPage(xhr, form) {
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const chosen = Array.from(form.querySelectorAll("input[type=file]"), function (input) { return [input.name, input.files]; });
    const moved = new URL(xhr.responseURL).pathname !== location.pathname;
    if (moved) history.pushState({ arrived: true }, "", xhr.responseURL);
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    if (!moved) {
      chosen.forEach(function ([name, files]) {
        const input = document.querySelector('input[type=file][name="' + CSS.escape(name) + '"]');
        if (input && files.length) {
          input.files = files;
          input.dispatchEvent(new Event("change", { bubbles: true }));
        }
      });
    }
    if (window.htmx) window.htmx.process(document.body);
    window.scrollTo(0, 0);
    portfolio.arrive(document);
    if (!document.activeElement || document.activeElement === document.body) document.getElementById("main")?.focus();
  }

  function failed(form, submitter, text) {
    portfolio.readyAgain();
    const panel = panelOf(form);
    const again = make("button", { class: "button button-primary", type: "button" }, "Try again");
    again.addEventListener("click", function () { send(form, submitter); });
    panel.replaceChildren(make("p", { role: "alert" }, text), again);
    again.focus();
  }

  function send(form, submitter) {
    const data = new FormData(form, submitter);
    const panel = panelOf(form);
    const label = make("p", {});
    const bar = make("progress", { max: "100", value: "0", "aria-label": "Sent so far" });
    const spoken = make("p", { class: "visually-hidden", role: "status" });
    const stop = make("button", { class: "button button-small", type: "button" }, "Stop sending");
    label.textContent = "Sending…";
    panel.replaceChildren(label, bar, spoken, stop);
    panel.scrollIntoView({ block: "nearest" });

    const xhr = new XMLHttpRequest();
    let announced = 0;
    xhr.open("POST", form.getAttribute("action") || location.href);
    xhr.upload.addEventListener("progress", function (event) {
      if (!event.lengthComputable) return;
      const percent = Math.floor((event.loaded / event.total) * 100);
      bar.value = percent;
      label.textContent = percent < 100
        ? portfolio.fileSize(event.loaded) + " of " + portfolio.fileSize(event.total) + " sent (" + percent + " %)"
        : "All sent. The files are being checked…";
      if (percent >= announced + 25 || percent === 100) {
        announced = percent;
        spoken.textContent = percent < 100 ? percent + " per cent sent" : "All sent. The files are being checked.";
      }
    });
    xhr.addEventListener("load", function () {
      if ((xhr.getResponseHeader("Content-Type") || "").startsWith("text/html")) showPage(xhr, form);
      else failed(form, submitter, "The answer could not be read. Nothing you wrote is lost. Try again.");
    });
    xhr.addEventListener("error", function () {
      failed(form, submitter, "The connection was lost before everything was sent. What you wrote and chose is still here.");
    });
    xhr.addEventListener("abort", function () {
      failed(form, submitter, "Stopped. Nothing was saved. What you wrote and chose is still here.");
    });
    stop.addEventListener("click", function () { xhr.abort(); });
    xhr.send(data);
  }

  /* The server refuses more than a portfolio holds; on a slow line that is better known before it is sent. */
  function isTooMuch(form) {
    return Array.from(form.querySelectorAll("[data-max-total]")).some(function (part) {
      const files = Array.from(part.querySelector("input[type=file]").files);
      return files.reduce(function (sum, file) { return sum + file.size; }, 0) > Number(part.dataset.maxTotal);
    });
  }

  /* Capture: before the guard against double sending, which then leaves this form alone. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!form.matches("form[data-upload-form]") || !hasFiles(form)) return;
    event.preventDefault();
    if (form.querySelector("[data-upload-panel] progress")) return;
    if (isTooMuch(form)) {
      panelOf(form).replaceChildren(make("p", { role: "alert" }, "These files are bigger together than a portfolio may hold. Choose fewer or smaller ones. What you wrote is still here."));
      return;
    }
    send(form, event.submitter);
  }, true);

  window.addEventListener("popstate", function () { location.reload(); });
})();
