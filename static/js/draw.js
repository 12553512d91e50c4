/* Draws a signature (templates/centres/drawn_signature.html) and puts it into the form's file field, as if it had been
   chosen there: the server knows one way only, and without scripts the field is all there is. */
(function () {
  "use strict";
  const PEN = 7; // of the box's own 1200 by 400

  function start(part) {
    const input = document.getElementById(part.dataset.draw);
    const canvas = part.querySelector("canvas");
    const status = part.querySelector("[data-draw-status]");
    const pen = canvas.getContext("2d");
    if (!input || !pen || typeof DataTransfer === "undefined") return;
    let stroke = null; // the last two points of the stroke that is being drawn
    let isOurs = false; // whether the file in the field is the drawing
    part.hidden = false;
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = PEN;
    pen.strokeStyle = pen.fillStyle = "#10131c";

    function pointOf(event) {
      const box = canvas.getBoundingClientRect();
      return {
        x: ((event.clientX - box.left) * canvas.width) / box.width,
        y: ((event.clientY - box.top) * canvas.height) / box.height,
      };
    }

    function middle(a, b) { return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }; }

    function dot(point) {
      pen.beginPath();
      pen.arc(point.x, point.y, PEN / 2, 0, 2 * Math.PI);
      pen.fill();
    }

    /* From the middle of one piece to the middle of the next, bent by the point between them: no corners show. */
    function goOn(point) {
      const from = middle(stroke.before, stroke.last);
      const to = middle(stroke.last, point);
      pen.beginPath();
      pen.moveTo(from.x, from.y);
      pen.quadraticCurveTo(stroke.last.x, stroke.last.y, to.x, to.y);
      pen.stroke();
      stroke = { id: stroke.id, before: stroke.last, last: point };
    }

    function handIn() {
      const coded = atob(canvas.toDataURL("image/png").split(",")[1]);
      const bytes = Uint8Array.from(coded, function (letter) { return letter.charCodeAt(0); });
      const files = new DataTransfer();
      files.items.add(new File([bytes], "signature.png", { type: "image/png" }));
      input.files = files.files;
      isOurs = true;
      tell("Drawing area, with your drawing", "Drawn.");
    }

    function tell(name, words) {
      canvas.setAttribute("aria-label", name);
      status.textContent = words;
      /* The list of chosen files beside the field speaks of files only. */
      const list = document.querySelector('[data-chosen-files="' + CSS.escape(input.id) + '"]');
      if (list && isOurs) list.textContent = "Your drawing above is what is kept.";
      else if (list && !input.files.length) list.replaceChildren();
    }

    function clear() {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      stroke = null;
    }

    canvas.addEventListener("pointerdown", function (event) {
      if (stroke || event.button !== 0) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      if (!isOurs) clear();
      const point = pointOf(event);
      stroke = { id: event.pointerId, before: point, last: point };
      dot(point);
    });

    canvas.addEventListener("pointermove", function (event) {
      if (!stroke || stroke.id !== event.pointerId) return;
      const seen = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      (seen.length ? seen : [event]).forEach(function (one) { goOn(pointOf(one)); });
    });

    function lift(event) {
      if (!stroke || stroke.id !== event.pointerId) return;
      goOn(stroke.last);
      stroke = null;
      handIn();
    }
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);

    part.querySelector("[data-draw-clear]").addEventListener("click", function () {
      clear();
      if (isOurs) input.value = "";
      isOurs = false;
      tell("Drawing area, empty", "The box is empty.");
    });

    /* A picture that is chosen takes the drawing's place. */
    input.addEventListener("change", function () {
      clear();
      isOurs = false;
      tell("Drawing area, empty", "");
    });
  }

  document.querySelectorAll("[data-draw]").forEach(start);
})();
