// Large type, remembered on this computer.

const STORE = "hotich.large";

export function startSize() {
  const button = document.getElementById("larger");
  const apply = () => {
    const large = localStorage.getItem(STORE) === "1";
    document.documentElement.classList.toggle("large", large);
    button?.setAttribute("aria-pressed", String(large));
  };
  button?.addEventListener("click", () => {
    localStorage.setItem(STORE, localStorage.getItem(STORE) === "1" ? "0" : "1");
    apply();
  });
  apply();
}
