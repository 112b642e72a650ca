// How long the request token lives, by the sandbox's clock, which may be moved meanwhile.
"use strict";

const countdown = document.getElementById("countdown");
if (countdown) {
    const [timer, sentence] = countdown.children;
    const until = Number(countdown.dataset.until);
    const machine = () => performance.now() / 1000;
    let ahead = Number(countdown.dataset.now) - machine();

    const show = () => {
        const left = Math.ceil(until - machine() - ahead);
        if (left <= 0) {
            sentence.textContent = "Expired by the sandbox’s clock. Begin the login again in the application.";
            sentence.setAttribute("role", "status");
            timer.textContent = "";
        } else {
            timer.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left.`;
        }
    };
    const ask = async () => {
        const response = await fetch("/sandbox/clock").catch(() => null);
        if (response?.ok) ahead = (await response.json()).clock - machine();
        show();
    };
    show();
    setInterval(show, 1000);
    setInterval(ask, 2000);
    document.addEventListener("visibilitychange", ask);
}
