// Hover values, sorting, search and the choice of colours. The page is whole without them.
"use strict";

const create = (name, props, ...children) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};
