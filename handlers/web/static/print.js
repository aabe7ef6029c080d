// The print button of a guide: shown only where there is a script to make it work.
"use strict";

const button = document.getElementById("print");
button.addEventListener("click", () => window.print());
button.parentElement.classList.remove("needs-script");
