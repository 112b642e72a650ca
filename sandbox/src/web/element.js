// Makes elements. Texts are only ever set as texts, never as HTML.
export const $ = (id) => document.getElementById(id);

export function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
}

export const span = (className, ...children) => element("span", { className }, ...children);
export const paragraph = (...children) => element("p", {}, ...children);
export const code = (...children) => element("code", {}, ...children);
