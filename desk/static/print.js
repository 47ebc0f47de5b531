// The receipt's button: the browser prints, or saves as PDF.

document.getElementById("print").addEventListener("click", () => window.print());
