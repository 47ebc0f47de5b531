// Two people, or a person and the machine, said different things: both are shown, one is chosen.

export function showConflict(place, conflicts, fields, texts, { look, choose, finished }) {
  const left = [...conflicts];
  place.hidden = false;

  function draw() {
    const one = left[0];
    if (!one) {
      place.hidden = true;
      place.replaceChildren();
      finished();
      return;
    }
    const spec = fields.spec(one.field);
    look(spec);
    const title = document.createElement("h2");
    title.textContent = texts.conflict.replace("{field}", spec.label).replace("{n}", left.length);
    const crop = document.createElement("img");
    crop.src = spec.crop;
    crop.alt = "";
    place.replaceChildren(title, crop,
      button(1, texts.yours, one.yours || one.yours_state, false),
      button(2, one.by ? texts.theirs.replace("{by}", one.by) : texts.machines, one.theirs || one.theirs_state, true));
    place.querySelector("button").focus();
  }

  function button(key, who, what, theirs) {
    const element = document.createElement("button");
    element.type = "button";
    const sign = document.createElement("kbd"), name = document.createElement("small"), value = document.createElement("b");
    sign.textContent = String(key);
    name.textContent = who;
    value.textContent = what;
    element.append(sign, " ", name, " ", value);
    element.addEventListener("click", () => take(theirs));
    return element;
  }

  function take(theirs) {
    choose(left.shift().field, theirs);
    draw();
  }

  place.onkeydown = (event) => {
    if (event.key !== "1" && event.key !== "2") return;
    event.preventDefault();
    event.stopPropagation();
    take(event.key === "2");
  };
  draw();
}
