// Buttons that copy the text of another element. Without JavaScript they stay hidden.
"use strict";

async function copy(source) {
    const text = source.value ?? source.textContent;
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        // Not allowed, or not over plain HTTP: the old way, which leaves the text selected.
        if (source.select) source.select();
        else getSelection().selectAllChildren(source);
        return document.execCommand("copy");
    }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
    const label = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
        const copied = await copy(document.getElementById(button.dataset.copy));
        button.textContent = copied ? "Copied" : "Press Ctrl+C";
        setTimeout(() => { button.textContent = label; }, 2000);
    });
}
